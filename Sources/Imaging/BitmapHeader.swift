/// The header of a BMP file.
/// Source: Microsoft's BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER; the
/// OS/2 2.x header of 16 to 64 bytes (IBM, Presentation Manager Programming Reference).
struct BitmapHeader {
  /// How pixels are stored.
  enum Coding {
    case plain
    case runs
    case fields
  }

  let width: Int
  let height: Int
  /// Whether the first row is the upper one.
  let isTopDown: Bool
  /// Bits a pixel.
  let bits: Int
  /// Where the pixels begin.
  let offset: Int
  /// The bits of red, green, blue and opacity in a pixel of 16 or 32 bits.
  let masks: [UInt32]
  /// How pixels are stored; nil for a way that is not read.
  let coding: Coding?
  private let headerSize: Int
  private let compression: Int
  private let colors: Int

  /// Reads the header at the start of `bytes`; nil where it gives no sides.
  init?(_ bytes: [UInt8]) {
    func number(_ at: Int, _ count: Int) -> Int {
      guard at + count <= bytes.count else { return 0 }
      return (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
    }
    func signed(_ at: Int) -> Int { Int(Int32(truncatingIfNeeded: number(at, 4))) }
    guard bytes.count >= 26 else { return nil }
    headerSize = number(14, 4)
    let isCore = headerSize == 12
    width = isCore ? number(18, 2) : signed(18)
    let rows = isCore ? number(20, 2) : signed(22)
    guard width > 0, rows != 0, isCore || headerSize >= 16 else { return nil }
    height = abs(rows)
    isTopDown = rows < 0
    bits = number(isCore ? 24 : 28, 2)
    offset = number(10, 4)
    compression = headerSize >= 20 ? number(30, 4) : 0
    colors = headerSize >= 36 ? number(46, 4) : 0
    let isOS2 = headerSize <= 64 && ![40, 52, 56].contains(headerSize)
    coding =
      switch (compression, bits) {
      case (0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (0, 24), (0, 32): .plain
      case (1, 8), (2, 4): .runs
      case (4, 24) where isOS2: .runs
      case (3, 16) where !isOS2, (3, 32) where !isOS2, (6, 16), (6, 32): .fields
      default: nil
      }
    if coding == .fields {
      // Within the longer headers, and behind the shorter ones: the same place.
      let count = compression == 6 || headerSize >= 56 ? 4 : 3
      masks = (0..<count).map { UInt32(number(54 + 4 * $0, 4)) } + (count == 3 ? [0] : [])
    } else {
      masks =
        bits == 16 ? [0x7C00, 0x3E0, 0x1F, 0] : [0xFF_0000, 0xFF00, 0xFF, 0]
    }
  }

  /// Bytes of a row, which is padded to four.
  var stride: Int { (width * bits + 31) / 32 * 4 }

  /// What is wrong with the file; the pixels of runs are looked at when they are read.
  func flaw(in bytes: [UInt8]) -> Flaw? {
    guard coding != nil else {
      return Flaw(.unsupported, "a BMP of \(bits) bits a pixel in compression \(compression)")
    }
    if coding == .fields, masks[0] | masks[1] | masks[2] == 0 {
      return Flaw(.damaged, "its masks of red, green and blue are empty")
    }
    guard height < Int.max / max(1, stride) - offset else {
      return Flaw(.damaged, "its header says \(width)x\(height) pixels")
    }
    guard coding == .runs || bytes.count >= offset + stride * (height - 1) + (width * bits + 7) / 8
    else { return Flaw(.cutOff, "the file ends at byte \(bytes.count)") }
    return nil
  }

  /// Whether a file of `size` bytes ends within what fills its last row up.
  func lacksPadding(of size: Int) -> Bool {
    coding != nil && coding != .runs && size < offset + stride * height
  }

  /// How many rows are in the file, where rows have one length.
  func rows(in bytes: [UInt8]) -> Int? {
    coding == .runs ? nil : min(height, max(0, bytes.count - offset) / max(1, stride))
  }

  /// Red, green and blue of each colour of the palette, 256 of them; those that the file leaves out are
  /// black.
  func palette(in bytes: [UInt8]) -> [UInt8] {
    let size = headerSize == 12 ? 3 : 4
    let start = 14 + headerSize
    let room = offset > start ? (offset - start) / size : 256
    let count = min(colors > 0 ? min(colors, 256) : 1 << min(bits, 8), room)
    var palette = [UInt8](repeating: 0, count: 768)
    for index in 0..<count where start + index * size + 3 <= bytes.count {
      for sample in 0..<3 { palette[index * 3 + sample] = bytes[start + index * size + 2 - sample] }
    }
    return palette
  }

  /// The ICC profile that a header of 124 bytes may carry.
  func profile(in bytes: [UInt8]) -> [UInt8]? {
    func number(_ at: Int) -> Int {
      at + 4 <= bytes.count ? (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } : 0
    }
    guard headerSize >= 124, number(70) == 0x4D42_4544 else { return nil }
    let (start, count) = (14 + number(126), number(130))
    guard count > 0, start + count <= bytes.count else { return nil }
    return Array(bytes[start..<start + count])
  }
}
