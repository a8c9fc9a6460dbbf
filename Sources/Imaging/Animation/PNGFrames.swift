import Core
import Deflate
import Vips

/// The frames of an animated PNG: each is decoded as a PNG of its own by libvips, and composed here.
/// Source: PNG specification, third edition, chunk `fcTL`.
final class PNGFrames {
  private let file: SourceFile
  private let bytes: FileBytes
  private let png: AnimatedPNG
  private let cancellation: Cancellation
  private let canvas: UnsafeMutableBufferPointer<UInt32>
  private var number = 0
  /// What was there before the frame that is shown, in its area; empty where it is not needed.
  private var saved: [UInt32] = []

  /// The frames of `file`.
  init(_ file: SourceFile, _ png: AnimatedPNG, cancellation: Cancellation) throws {
    (self.file, self.png, self.cancellation) = (file, png, cancellation)
    bytes = try FileBytes(file.path)
    canvas = .allocate(capacity: png.table.width * png.table.height)
    canvas.initialize(repeating: 0)
  }

  deinit {
    canvas.deallocate()
  }

  /// Writes the next frame into `samples`; false behind the last one.
  func next(into samples: UnsafeMutableRawBufferPointer) throws -> Bool {
    guard number < png.controls.count else { return false }
    let control = png.controls[number]
    if number > 0 { dispose(of: png.controls[number - 1], isFirst: number == 1) }
    number += 1
    let picture = try Image.decode(png: try still(control), cancellation: cancellation)
    guard picture.width == control.width, picture.height == control.height else {
      throw damaged(file, "is damaged in frame \(number): its pixels have another size")
    }
    saved = control.dispose == 2 ? copy(control) : []
    draw(picture.samples, picture.bands, control)
    samples.copyMemory(from: UnsafeRawBufferPointer(canvas))
    return true
  }

  /// The frame as a PNG of its own.
  private func still(_ control: AnimatedPNG.Control) throws -> [UInt8] {
    var result: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    result.reserveCapacity(control.data.reduce(200) { $0 + $1.count + 12 })
    Self.put(
      "IHDR", Self.four(control.width) + Self.four(control.height) + png.head[8...], &result)
    for chunk in png.shared {
      try Self.put(chunk.name, read(chunk.offset, chunk.count), &result)
    }
    for chunk in control.data {
      let content = try read(chunk.offset, chunk.count)
      try check(chunk, content)
      Self.put("IDAT", content, &result)
    }
    Self.put("IEND", [], &result)
    return result
  }

  /// The checksum that the file has for a chunk, which the one that is made for the still would hide.
  private func check(_ chunk: AnimatedPNG.Chunk, _ content: [UInt8]) throws {
    let before =
      chunk.isNumbered ? Array("fdAT".utf8) + (try read(chunk.offset - 4, 4)) : Array("IDAT".utf8)
    let sum = content.withUnsafeBytes {
      ZlibCompressor.crc32($0, from: before.withUnsafeBytes { ZlibCompressor.crc32($0) })
    }
    guard try Self.four(Int(sum)) == read(chunk.offset + chunk.count, 4) else {
      throw damaged(
        file,
        "is damaged in frame \(number): the checksum of its pixels at byte \(chunk.offset) is wrong"
      )
    }
  }

  private func read(_ offset: Int, _ count: Int) throws -> [UInt8] {
    guard let found = bytes.bytes(offset, count) else {
      throw damaged(file, "is cut off in frame \(number), at byte \(offset)")
    }
    return found.values
  }

  private func dispose(of control: AnimatedPNG.Control, isFirst: Bool) {
    // Bringing back what was before the first frame clears it.
    let clears = control.dispose == 1 || control.dispose == 2 && isFirst
    guard clears || control.dispose == 2 else { return }
    for row in 0..<control.height {
      let start = (control.top + row) * png.table.width + control.left
      for x in 0..<control.width {
        canvas[start + x] = clears ? 0 : saved[row * control.width + x]
      }
    }
  }

  private func copy(_ control: AnimatedPNG.Control) -> [UInt32] {
    (0..<control.height).flatMap { row in
      let start = (control.top + row) * png.table.width + control.left
      return canvas[start..<start + control.width]
    }
  }

  private func draw(_ samples: [UInt8], _ bands: Int, _ control: AnimatedPNG.Control) {
    let (width, blends) = (png.table.width, control.blends)
    samples.withUnsafeBufferPointer { samples in
      guard let canvas = canvas.baseAddress, let samples = samples.baseAddress else { return }
      for row in 0..<control.height {
        let start = (control.top + row) * width + control.left
        for x in 0..<control.width {
          let at = (row * control.width + x) * bands
          let green = bands < 3 ? at : at + 1
          let blue = bands < 3 ? at : at + 2
          let alpha = bands == 2 || bands == 4 ? samples[at + bands - 1] : 255
          let pixel =
            UInt32(samples[at]) | UInt32(samples[green]) << 8 | UInt32(samples[blue]) << 16
            | UInt32(alpha) << 24
          canvas[start + x] =
            blends && alpha < 255 ? Self.mixed(pixel, over: canvas[start + x]) : pixel
        }
      }
    }
  }

  /// A pixel over another, both with straight alpha. Source: PNG specification, third edition, 13.16.
  private static func mixed(_ upper: UInt32, over lower: UInt32) -> UInt32 {
    let (a, b) = (upper >> 24, lower >> 24)
    if a == 0 { return lower }
    if b == 0 { return upper }
    // Both in 255ths of 255ths.
    let (over, under) = (a * 255, (255 - a) * b)
    let whole = over + under
    func band(_ shift: UInt32) -> UInt32 {
      let sum = (upper >> shift & 255) * over + (lower >> shift & 255) * under
      return ((sum + whole / 2) / whole) << shift
    }
    return band(0) | band(8) | band(16) | ((whole + 127) / 255) << 24
  }

  private static func put(_ name: String, _ content: some Sequence<UInt8>, _ result: inout [UInt8])
  {
    let body = Array(name.utf8) + content
    let sum = body.withUnsafeBytes { ZlibCompressor.crc32($0) }
    result += four(body.count - 4)
    result += body
    result += four(Int(sum))
  }

  private static func four(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
