import Core
import Deflate
import Vips

/// Writes an animated PNG: every frame whole, lossless, with its exact delay.
/// Source: PNG specification, third edition, chunks `acTL`, `fcTL` and `fdAT`.
final class PNGWriter: FrameWriter {
  private let file: ByteFile
  private let loops: Int
  private let frames: Int
  private let hasAlpha: Bool
  private let rights: Rights?
  private var sequence: UInt32 = 0
  private var written = 0
  /// Where the number of frames stands in the file.
  private var countPlace = 0

  /// A writer of `frames` frames to `output`, played `loops` times; 0 is for ever.
  init(
    _ output: String, base: String? = nil, loops: Int, frames: Int, hasAlpha: Bool,
    rights: Rights? = nil
  ) throws {
    self.rights = rights
    file = try ByteFile(output, base: base)
    self.loops = loops
    self.frames = frames
    self.hasAlpha = hasAlpha
  }

  func add(_ frame: Frame) throws {
    let chunks = try Self.chunks(frame, hasAlpha: hasAlpha)
    if written == 0 {
      try file.write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
      for chunk in chunks where chunk.name == "IHDR" { try put("IHDR", Array(chunk.data)) }
      if let packet = rights.flatMap({ XMPPacket.bytes($0) }) {
        try put("iTXt", Array("XML:com.adobe.xmp".utf8) + [0, 0, 0, 0, 0] + packet)
      }
      countPlace = file.count
      try put("acTL", Self.four(UInt32(frames)) + Self.four(UInt32(loops)))
    }
    try put("fcTL", control(frame))
    for chunk in chunks where chunk.name == "IDAT" {
      if written == 0 {
        try put("IDAT", Array(chunk.data))
      } else {
        try put("fdAT", Self.four(next()) + chunk.data)
      }
    }
    written += 1
  }

  func finish() throws {
    try put("IEND", [])
    // Frames that would be shown too shortly were left out.
    if written != frames {
      let count = Self.chunk("acTL", Self.four(UInt32(written)) + Self.four(UInt32(loops)))
      try file.replace(count, at: countPlace)
    }
    try file.finish()
  }

  /// Size, place, delay as a fraction of a second, and: keep nothing, replace everything.
  private func control(_ frame: Frame) -> [UInt8] {
    // Thousandths hold 65 seconds; beyond that hundredths, tenths and seconds, which hold 18 hours.
    let milliseconds = (frame.start + frame.duration + 500) / 1_000 - (frame.start + 500) / 1_000
    let parts = ([1_000, 100, 10] as [Int64]).first { milliseconds * $0 / 1_000 <= 65_535 } ?? 1
    let delay = UInt16(clamping: milliseconds * parts / 1_000)
    return Self.four(next()) + Self.four(UInt32(frame.width)) + Self.four(UInt32(frame.height))
      + Self.four(0) + Self.four(0) + Self.two(delay) + Self.two(UInt16(parts)) + [0, 0]
  }

  private func next() -> UInt32 {
    defer { sequence += 1 }
    return sequence
  }

  private func put(_ name: String, _ data: [UInt8]) throws {
    try file.write(Self.chunk(name, data))
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    let sum = body.withUnsafeBytes { ZlibCompressor.crc32($0) }
    return four(UInt32(data.count)) + body + four(sum)
  }

  /// The chunks of one frame as a PNG of its own.
  private static func chunks(
    _ frame: Frame, hasAlpha: Bool
  ) throws -> [(name: String, data: ArraySlice<UInt8>)] {
    let image = try Image.fromSamples(
      Array(UnsafeRawBufferPointer(frame.pixels)), width: frame.width, height: frame.height,
      bands: 4)
    let encoded = try (hasAlpha ? image : image.bands(0, count: 3)).encoded(
      suffix: ".png", options: "compression=6,filter=all,strip=true")
    let bytes = encoded.withBytes { Array($0) }
    var found: [(name: String, data: ArraySlice<UInt8>)] = []
    var offset = 8
    while offset + 12 <= bytes.count {
      let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
      guard offset + 12 + length <= bytes.count else { break }
      found.append((name, bytes[offset + 8..<offset + 8 + length]))
      offset += 12 + length
    }
    return found
  }

  private static func four(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func two(_ value: UInt16) -> [UInt8] {
    [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
  }
}
