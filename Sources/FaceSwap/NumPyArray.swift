import Core
import Files

/// An array of single precision as NumPy's `numpy.save` writes it.
///
/// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
struct NumPyArray {
  let shape: [Int]
  let values: [Float]

  init(file: String) throws {
    let bytes = try FileSystem.read(file)
    let name = file.split(separator: "/").last.map(String.init) ?? file
    func problem(_ what: String) -> SwaplineError {
      SwaplineError(
        .unsupported, "\(name) \(what).",
        hint: "Write it with numpy.save, as an array of float32 in C order.")
    }
    guard bytes.count > 12, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw problem("is no array of NumPy")
    }
    // The length of the header has two bytes in version 1 and four later.
    let width = bytes[6] == 1 ? 2 : 4
    let length = (0..<width).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let start = 8 + width + length
    guard start <= bytes.count else { throw problem("is cut off") }
    let header = String(decoding: bytes[8 + width..<start], as: UTF8.self)
    guard header.contains("'<f4'"), header.contains("'fortran_order': False") else {
      throw problem("is not an array of float32 in C order")
    }
    let sides = header.split(separator: "(").last?.split(separator: ")").first ?? ""
    shape = sides.split(separator: ",").compactMap { Int($0.filter { $0 != " " }) }
    let count = shape.reduce(1, *)
    guard bytes.count - start == 4 * count else { throw problem("is cut off") }
    values = (0..<count).map { index in
      let at = start + 4 * index
      return Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) })
    }
  }
}
