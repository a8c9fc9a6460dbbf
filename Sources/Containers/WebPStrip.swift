import Core

/// A WebP's chunks, without those that are not needed to show it.
///
/// Sources: WebP container specification (RFC 9649), C2PA 2.1 (`C2PA`).
struct WebPStrip {
  private let source: FileBytes
  private let rights: Rights?

  init(_ source: FileBytes, _ rights: Rights?) {
    self.source = source
    self.rights = rights
  }

  private struct Chunk {
    var name: String
    var range: Range<Int64>
    /// The bytes without the filling.
    var length: Int
  }

  /// The picture without what is private.
  func assembly(_ findings: inout Findings) throws(StructureError) -> Assembly {
    let head = try source.bytes(0, 12)
    guard head.starts(with: "RIFF".utf8), head[8...].elementsEqual("WEBP".utf8) else {
      throw StructureError("it does not begin like a WebP")
    }
    let length = Int64(head[4]) | Int64(head[5]) << 8 | Int64(head[6]) << 16 | Int64(head[7]) << 24
    let end = length + 8
    guard end <= source.size else { throw StructureError("the file ends before its last chunk") }
    if try !source.isBlank(end..<source.size) { findings.cut(.leftover) }
    var body = Assembly()
    var (exif, xmp): ([UInt8]?, [UInt8]?) = (nil, nil)
    var (hasExif, hasXMP, hasRights) = (false, false, false)
    var flags: UInt8?
    var marks: [Range<Int64>] = []
    let list = try chunks(12..<end)
    for chunk in list {
      switch chunk.name {
      case "VP8X":
        guard chunk.length >= 10 else {
          throw StructureError("the header of the WebP is too short")
        }
        flags = try source.byte(chunk.range.lowerBound + 8)
      case "ICCP", "ANIM", "ALPH", "VP8 ", "VP8L": try body.copy(chunk.range)
      case "ANMF": try frame(chunk, &body, &findings)
      case "C2PA":
        findings.hasProvenance = true
        marks.append(chunk.range)
      case "EXIF":
        guard !hasExif, chunk.length < 1 << 22 else {
          findings.cut(.other)
          continue
        }
        hasExif = true
        var block = try source.bytes(chunk.range.lowerBound + 8, chunk.length)
        // Some writers take a JPEG's segment over as it is.
        if block.starts(with: "Exif\0\0".utf8) { block.removeFirst(6) }
        let reduced = ExifReduction(block)
        findings.removed.formUnion(reduced.removed)
        hasRights = hasRights || reduced.hasRights
        exif = reduced.block
      case "XMP ":
        guard !hasXMP, chunk.length < 1 << 20 else {
          findings.cut(.other)
          continue
        }
        hasXMP = true
        let reduced = XMPReduction(try source.bytes(chunk.range.lowerBound + 8, chunk.length))
        findings.removed.formUnion(reduced.removed)
        hasRights = hasRights || reduced.hasRights
        xmp = reduced.packet
      default: findings.cut(.other)
      }
    }
    guard let flags else {
      // A plain file has one chunk; what follows it no reader looks at.
      return try plain(list, &findings)
    }
    if !hasRights, xmp == nil { xmp = rights.flatMap { XMPPacket.bytes($0) } }
    var assembly = Assembly()
    let header = try source.bytes(12 + 8, 10)
    var new = flags & ~0b0000_1100
    if exif != nil { new |= 0b0000_1000 }
    if xmp != nil { new |= 0b0000_0100 }
    var tail: [UInt8] = []
    if let exif { tail += Self.chunk("EXIF", exif) }
    if let xmp { tail += Self.chunk("XMP ", xmp) }
    let markLength = marks.reduce(0) { $0 + Int64($1.count) }
    let size = 4 + 18 + body.size + Int64(tail.count) + markLength
    guard list.first?.name == "VP8X", size < 1 << 32 else {
      throw StructureError("the header of the WebP does not come first")
    }
    try assembly.write(
      Array("RIFF".utf8) + Self.four(Int(size)) + Array("WEBP".utf8)
        + Self.chunk("VP8X", [new] + header[1...]))
    for piece in body.pieces {
      switch piece {
      case .copy(let range): try assembly.copy(range)
      case .bytes(let bytes): try assembly.write(bytes)
      case .zeros(let count): try assembly.blank(count)
      }
    }
    try assembly.write(tail)
    for mark in marks { try assembly.copy(mark) }
    return assembly
  }

  private func plain(
    _ list: [Chunk], _ findings: inout Findings
  ) throws(StructureError) -> Assembly {
    guard let picture = list.first, ["VP8 ", "VP8L"].contains(picture.name) else {
      throw StructureError("the first chunk of the WebP is of an unknown kind")
    }
    var assembly = Assembly()
    try assembly.write(
      Array("RIFF".utf8) + Self.four(4 + picture.range.count) + Array("WEBP".utf8))
    try assembly.copy(picture.range)
    return assembly
  }

  /// A frame with its pixels alone.
  private func frame(
    _ chunk: Chunk, _ body: inout Assembly, _ findings: inout Findings
  ) throws(StructureError) {
    let start = chunk.range.lowerBound
    guard chunk.length >= 16 else {
      throw StructureError("the frame at byte \(start) is too short")
    }
    let inner = try chunks(start + 24..<start + 8 + Int64(chunk.length))
    let kept = inner.filter { ["ALPH", "VP8 ", "VP8L"].contains($0.name) }
    guard kept.count < inner.count else { return try body.copy(chunk.range) }
    findings.cut(.other)
    let length = 16 + kept.reduce(0) { $0 + $1.range.count }
    try body.write(Array("ANMF".utf8) + Self.four(length))
    try body.copy(start + 8..<start + 24)
    for part in kept { try body.copy(part.range) }
  }

  private func chunks(_ range: Range<Int64>) throws(StructureError) -> [Chunk] {
    var list: [Chunk] = []
    var place = range.lowerBound
    while place + 8 <= range.upperBound {
      let head = try source.bytes(place, 8)
      let length = head[4...].reversed().reduce(0) { $0 << 8 | Int($1) }
      let end = place + 8 + Int64(length)
      guard end <= range.upperBound else {
        throw StructureError("the chunk at byte \(place) runs past the end of the file")
      }
      guard list.count < 1_000_000 else { throw StructureError("it has too many chunks") }
      // The filling of the last one is sometimes left out.
      let filled = min(range.upperBound, end + Int64(length & 1))
      list.append(
        Chunk(
          name: String(decoding: head[..<4], as: UTF8.self), range: place..<filled, length: length))
      place = filled
    }
    return list
  }

  private static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    Array(name.utf8) + four(body.count) + body + (body.count % 2 == 1 ? [0] : [])
  }

  private static func four(_ number: Int) -> [UInt8] {
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}
