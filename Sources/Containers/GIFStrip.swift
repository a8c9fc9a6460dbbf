import Core

/// A GIF's blocks, without those that are not needed to show it.
///
/// Sources: GIF89a, XMP Specification Part 3, C2PA 2.1 (`C2PA_GIF`).
struct GIFStrip {
  private let source: FileBytes
  private let rights: Rights?
  private var assembly = Assembly()

  init(_ source: FileBytes, _ rights: Rights?) {
    self.source = source
    self.rights = rights
  }

  private static let xmpName = Array("XMP DataXMP".utf8)
  /// How an XMP packet is made to read as a chain of blocks: 1, 255 down to 0, 0.
  private static let xmpEnd: [UInt8] = [1] + (0...255).reversed().map { UInt8($0) } + [0]

  /// The animation without what is private.
  func assembly(_ findings: inout Findings) throws(StructureError) -> Assembly {
    var walk = self
    return try walk.walk(&findings)
  }

  private mutating func walk(_ findings: inout Findings) throws(StructureError) -> Assembly {
    let head = try source.bytes(0, 13)
    guard head.starts(with: "GIF8".utf8) else {
      throw StructureError("it does not begin like a GIF")
    }
    var place: Int64 = 13 + Self.tableLength(head[10])
    guard place <= source.size else { throw StructureError("the color table is cut off") }
    try assembly.copy(0..<place)
    var hasPictures = false
    while place < source.size {
      let start = place
      switch try source.byte(place) {
      case 0x21:
        let label = try source.byte(place + 1)
        let end = try chainEnd(place + 2)
        try take(label, start..<end, &findings)
        place = end
      case 0x2C:
        let packed = try source.byte(place + 9)
        place = try chainEnd(place + 11 + Self.tableLength(packed))
        try assembly.copy(start..<place)
        hasPictures = true
      case 0x3B:
        try assembly.copy(start..<start + 1)
        if try !source.isBlank(start + 1..<source.size) { findings.cut(.leftover) }
        return assembly
      case 0:
        // Readers pass over empty blocks.
        place += 1
      case let byte:
        guard hasPictures else {
          throw StructureError("byte \(start) is \(byte), which begins no block of a GIF")
        }
        // Browsers end here, with the frames that they have.
        findings.cut(.leftover)
        findings.mend(.endMarker)
        try assembly.write([0x3B])
        return assembly
      }
    }
    findings.mend(.endMarker)
    try assembly.write([0x3B])
    return assembly
  }

  private static func tableLength(_ packed: UInt8) -> Int64 {
    packed & 0x80 == 0 ? 0 : 3 << (Int64(packed & 7) + 1)
  }

  /// The place behind the chain of blocks at `place`.
  private func chainEnd(_ place: Int64) throws(StructureError) -> Int64 {
    var place = place
    while true {
      guard place < source.size else {
        throw StructureError("the block before byte \(place) runs past the end of the file")
      }
      let length = Int64(try source.byte(place))
      place += 1 + length
      if length == 0 { return place }
    }
  }

  private mutating func take(
    _ label: UInt8, _ range: Range<Int64>, _ findings: inout Findings
  ) throws(StructureError) {
    switch label {
    case 0xF9: try assembly.copy(range)
    case 0xFE: findings.cut(.comment)
    case 0x01: findings.cut(.comment)
    case 0xFF:
      guard try source.byte(range.lowerBound + 2) == 11 else { return findings.cut(.other) }
      let name = try source.bytes(range.lowerBound + 3, 11)
      switch String(decoding: name, as: UTF8.self) {
      case "NETSCAPE2.0", "ANIMEXTS1.0":
        // Loops take a block of three bytes, a buffer's size one of five; more is somebody's own.
        guard range.count <= 32 else { return findings.cut(.other) }
        try assembly.copy(range)
      case "ICCRGBG1012": try assembly.copy(range)
      case "XMP DataXMP": try xmp(range, &findings)
      case "ImageMagick", "MGK8BIM0000", "MGKIPTC0000": findings.cut(.software)
      case _ where name.starts(with: "C2PA_GIF".utf8):
        findings.hasProvenance = true
        try assembly.copy(range)
      default: findings.cut(.other)
      }
    default: findings.cut(.other)
    }
  }

  private mutating func xmp(
    _ range: Range<Int64>, _ findings: inout Findings
  ) throws(StructureError) {
    let start = range.lowerBound + 14
    let length = range.count - 14 - Self.xmpEnd.count
    let body = length > 0 && length <= 1 << 20 ? try source.bytes(start, length) : []
    let reduced = XMPReduction(body)
    findings.removed.formUnion(reduced.removed)
    if reduced.isUnchanged { return try assembly.copy(range) }
    let packet =
      reduced.packet ?? (reduced.hasRights ? nil : rights.flatMap { XMPPacket.bytes($0) })
    if let packet { try assembly.write([0x21, 0xFF, 11] + Self.xmpName + packet + Self.xmpEnd) }
  }
}
