import Core

/// A box of an ISO base media file. Source: ISO/IEC 14496-12, section 4.2.
struct ISOBox {
  /// Four characters, such as `moov`; bytes above 127 are Latin-1, as in `©xyz`.
  let type: String
  /// Its type as it can stand in a sentence.
  var shownType: String {
    Reason.part(type.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
  }
  /// The whole box.
  let range: Range<Int64>
  /// Where its content begins.
  let body: Int64
  /// Whether its length says that it goes to the end of the file.
  let isOpen: Bool

  var content: Range<Int64> { body..<range.upperBound }

  /// The boxes that `range` holds, one behind the other. Throws where one ends behind it.
  static func list(
    _ range: Range<Int64>, _ source: FileBytes, isTop: Bool = false
  ) throws(StructureError) -> [ISOBox] {
    var boxes: [ISOBox] = []
    var place = range.lowerBound
    while place + 8 <= range.upperBound {
      let box = try ISOBox(at: place, within: range.upperBound, source)
      guard boxes.count < 200_000 else { throw StructureError("it has too many boxes") }
      // QuickTime ends a list with four zeros, and some writers fill with more.
      if box.type == "\0\0\0\0", !isTop { break }
      boxes.append(box)
      place = box.range.upperBound
    }
    return boxes
  }

  /// The box at `place`, which ends at `end` at the latest.
  init(at place: Int64, within end: Int64, _ source: FileBytes) throws(StructureError) {
    let head = try source.bytes(place, 8)
    var length = head[..<4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    type = String(String.UnicodeScalarView(head[4...].map { Unicode.Scalar($0) }))
    var header: Int64 = 8
    isOpen = length == 0
    if length == 1 {
      length = try source.big(place + 8, 8)
      header = 16
    } else if length == 0 {
      length = UInt64(end - place)
    }
    guard length >= UInt64(header), length <= UInt64(end - place) else {
      throw StructureError("the box at byte \(place) runs past the end of what contains it")
    }
    body = place + header
    range = place..<place + Int64(length)
  }

  /// The bytes of the content; throws where there are more than `most`.
  func bytes(_ source: FileBytes, most: Int = 1 << 24) throws(StructureError) -> [UInt8] {
    guard content.count <= most else {
      throw StructureError("the box \(shownType) at byte \(range.lowerBound) is too long")
    }
    return try source.bytes(body, content.count)
  }

  /// A box of `type` around `content`.
  static func made(_ type: String, _ content: [UInt8]) -> [UInt8] {
    four(UInt64(content.count + 8))
      + type.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
      + content
  }

  static func four(_ number: UInt64) -> [UInt8] { big(number, 4) }

  static func big(_ number: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * (count - 1 - $0))) }
  }

  /// XMP's box. Source: XMP Specification Part 3, section 1.2.7.
  static let xmp: [UInt8] = [
    0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC,
  ]
  /// The box of provenance marks. Source: C2PA 2.1, annex A.5.
  static let provenance: [UInt8] = [
    0xD8, 0xFE, 0xC3, 0xD6, 0x1B, 0x0E, 0x48, 0x3C, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7E, 0xC4, 0x81,
  ]

  /// The sixteen bytes that name a `uuid` box.
  func name(_ source: FileBytes) throws(StructureError) -> [UInt8] {
    content.count >= 16 ? try source.bytes(body, 16) : []
  }
}

/// Changes to boxes that leave every place as it is.
struct BoxPatches {
  let source: FileBytes
  var patches = Patches()
  /// Boxes that come behind the end of the file.
  var tail: [UInt8] = []
  /// Whether boxes can come behind the end.
  var canAppend = true

  init(_ source: FileBytes) {
    self.source = source
  }

  /// Makes a box into one of nothing.
  mutating func free(_ box: ISOBox) throws(StructureError) {
    try patches.put(Array("free".utf8), at: box.range.lowerBound + 4)
    try patches.blank(box.content)
  }

  /// Blanks what a box of nothing still holds.
  mutating func clean(_ box: ISOBox, _ findings: inout Findings) throws(StructureError) {
    guard try !source.isBlank(box.content) else { return }
    findings.cut(.leftover)
    try patches.blank(box.content)
  }

  /// A box that is named by sixteen bytes: provenance stays, XMP is reduced, others go.
  mutating func named(_ box: ISOBox, _ findings: inout Findings) throws(StructureError) {
    switch try box.name(source) {
    case ISOBox.provenance: findings.hasProvenance = true
    case ISOBox.xmp: try xmp(box, at: box.body + 16, &findings)
    default:
      findings.cut(.other)
      try free(box)
    }
  }

  /// A box with a packet of XMP from `start` on, reduced in its place where it fits.
  mutating func xmp(
    _ box: ISOBox, at start: Int64, _ findings: inout Findings
  ) throws(StructureError) {
    guard start <= box.range.upperBound, box.content.count <= 1 << 20 else {
      findings.cut(.other)
      return try free(box)
    }
    let packet = try source.bytes(start, Int(box.range.upperBound - start))
    let reduced = XMPReduction(packet)
    findings.removed.formUnion(reduced.removed)
    if reduced.isUnchanged { return }
    guard let new = reduced.packet else { return try free(box) }
    if new.count <= packet.count {
      let filling = [UInt8](repeating: UInt8(ascii: " "), count: packet.count - new.count)
      try patches.put(new + filling, at: start)
    } else {
      try free(box)
      if canAppend { tail += ISOBox.made("uuid", ISOBox.xmp + new) }
    }
  }

  func assembly() throws(StructureError) -> Assembly {
    var patches = patches
    patches.tail = tail
    return try patches.assembly(source.size)
  }
}
