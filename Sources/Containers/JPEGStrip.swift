import Core

/// A JPEG's segments, without those that are not needed to show it.
///
/// Sources: ITU-T T.81 annex B, JFIF 1.02, CIPA DC-007 (multi-picture format), XMP Specification
/// Part 3, ISO/IEC 19566-5 (JUMBF in APP11).
struct JPEGStrip {
  private let source: FileBytes
  private let rights: Rights?
  private var assembly = Assembly()
  private var place: Int64 = 2
  /// Whether a scan's samples follow.
  private var isInScan = false
  /// Whether copyright or creator are in what is kept.
  private var hasRights = false
  private var hasExif = false
  private var hasXMP = false
  /// How many pictures the index of a multi-picture file names.
  private var pictures = 1
  /// The numbers of JUMBF boxes that are provenance marks: long ones take several segments.
  private var marks: Set<UInt64> = []

  init(_ source: FileBytes, _ rights: Rights?) {
    self.source = source
    self.rights = rights
  }

  /// The picture without what is private.
  func assembly(_ findings: inout Findings) throws(StructureError) -> Assembly {
    var walk = self
    return try walk.walk(&findings)
  }

  private mutating func walk(_ findings: inout Findings) throws(StructureError) -> Assembly {
    guard try source.big(0, 2) == 0xFFD8 else {
      throw StructureError("it does not begin like a JPEG")
    }
    try assembly.copy(0..<2)
    var isHeader = true
    while let marker = try nextMarker(&findings) {
      let start = place - 2
      if marker == 0xD9 {
        try assembly.copy(start..<place)
        try cutTrailer(&findings)
        return assembly
      }
      guard marker >= 0xC0, !(0xD0...0xD8).contains(marker) else {
        throw StructureError("there is a marker at byte \(start) that cannot be here")
      }
      let length = Int64(try source.big(place, 2))
      guard length >= 2, place + length <= source.size else {
        throw StructureError("the segment at byte \(start) runs past the end of the file")
      }
      place += length
      switch marker {
      case 0xE0...0xEF, 0xFE: try application(marker, start..<place, &findings)
      default:
        if isHeader, !hasRights, let packet = rights.flatMap({ XMPPacket.bytes($0) }) {
          // What stood in a form that cannot be kept is written in one that can.
          if packet.count < 65_000 { try segment(0xE1, Self.xmpName + packet) }
        }
        isHeader = false
        try assembly.copy(start..<place)
        isInScan = marker == 0xDA
      }
    }
    // Decoders show what there is; whether every row is there is for them to say.
    try assembly.write([0xFF, 0xD9])
    findings.mend(.endMarker)
    return assembly
  }

  /// Goes behind the next marker, copying a scan's samples on the way; nil at the end of the file.
  private mutating func nextMarker(_ findings: inout Findings) throws(StructureError) -> UInt8? {
    let start = place
    var end = source.size
    var marker: UInt8?
    while let found = try source.find(0xFF, from: place), found + 1 < source.size {
      let next = try source.byte(found + 1)
      place = next == 0xFF ? found + 1 : found + 2
      // Stuffed bytes and restarts belong to the samples.
      if next == 0 || next == 0xFF || (isInScan && (0xD0...0xD7).contains(next)) { continue }
      (end, marker) = (found, next)
      break
    }
    if isInScan {
      // Filling before a marker, and a lone 0xFF where a marker is missing.
      while end > start, try source.byte(end - 1) == 0xFF { end -= 1 }
      try assembly.copy(start..<end)
    } else if marker != nil, end > start {
      // Decoders pass over what stands between segments; filling is no more than 0xFF.
      if try !isFilling(start..<end) { findings.cut(.leftover) }
    }
    isInScan = false
    return marker
  }

  private func isFilling(_ range: Range<Int64>) throws(StructureError) -> Bool {
    guard range.count < 64 else { return false }
    return try source.bytes(range.lowerBound, range.count).allSatisfy { $0 == 0xFF }
  }

  // MARK: Segments

  private static let xmpName = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
  private static let photoshopName = Array("Photoshop 3.0\0".utf8)

  private mutating func application(
    _ marker: UInt8, _ range: Range<Int64>, _ findings: inout Findings
  ) throws(StructureError) {
    let body = try source.bytes(range.lowerBound + 4, range.count - 4)
    func begins(_ text: String) -> Bool { body.starts(with: text.utf8) }
    switch marker {
    case 0xE0 where begins("JFIF\0"):
      guard body.count > 14 else { return try assembly.copy(range) }
      findings.cut(.thumbnail)
      try segment(marker, body[..<12] + [0, 0])
    case 0xE0 where begins("JFXX\0"): findings.cut(.thumbnail)
    case 0xE1 where begins("Exif\0") && body.count > 6: try exif(body, range, &findings)
    case 0xE1 where body.starts(with: Self.xmpName): try xmp(body, range, &findings)
    case 0xE2 where begins("ICC_PROFILE\0"): try assembly.copy(range)
    case 0xE2 where begins("MPF\0"):
      pictures = max(pictures, Self.pictures(Array(body.dropFirst(4))))
      findings.cut(.secondPicture)
    case 0xEB where begins("JP"): try provenance(body, range, &findings)
    case 0xED where body.starts(with: Self.photoshopName):
      let reduced = PhotoshopReduction(Array(body.dropFirst(Self.photoshopName.count)))
      findings.removed.formUnion(reduced.removed)
      if reduced.isUnchanged { return try assembly.copy(range) }
      if let block = reduced.block { try segment(marker, Self.photoshopName + block) }
    case 0xEE where begins("Adobe"):
      // The transform of colours stands in its first twelve bytes.
      guard body.count > 12 else { return try assembly.copy(range) }
      findings.cut(.other)
      try segment(marker, Array(body[..<12]))
    case 0xFE: findings.cut(.comment)
    default: findings.cut(begins("http://ns.adobe.com/xmp/extension/") ? .description : .other)
    }
  }

  private mutating func segment(_ marker: UInt8, _ body: some Collection<UInt8>)
    throws(StructureError)
  {
    let length = body.count + 2
    guard length <= 65_535 else { throw StructureError("a rewritten segment became too long") }
    try assembly.write([0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + body)
  }

  private mutating func exif(
    _ body: [UInt8], _ range: Range<Int64>, _ findings: inout Findings
  ) throws(StructureError) {
    // Readers take the first one.
    guard !hasExif else { return findings.cut(.other) }
    hasExif = true
    let reduced = ExifReduction(Array(body.dropFirst(6)))
    findings.removed.formUnion(reduced.removed)
    if reduced.hasRights { hasRights = true }
    if reduced.isUnchanged { return try assembly.copy(range) }
    if let block = reduced.block { try segment(0xE1, body[..<6] + block) }
  }

  private mutating func xmp(
    _ body: [UInt8], _ range: Range<Int64>, _ findings: inout Findings
  ) throws(StructureError) {
    guard !hasXMP else { return findings.cut(.other) }
    hasXMP = true
    let reduced = XMPReduction(Array(body.dropFirst(Self.xmpName.count)))
    findings.removed.formUnion(reduced.removed)
    if reduced.hasRights { hasRights = true }
    if reduced.isUnchanged { return try assembly.copy(range) }
    if let packet = reduced.packet, packet.count < 65_000 {
      try segment(0xE1, Self.xmpName + packet)
    }
  }

  private mutating func provenance(
    _ body: [UInt8], _ range: Range<Int64>, _ findings: inout Findings
  ) throws(StructureError) {
    guard body.count > 16 else { return findings.cut(.other) }
    let box = body[2..<4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let packet = body[4..<8].reduce(0) { $0 << 8 | Int($1) }
    if packet == 1, Array(body.prefix(96)).contains("c2pa") { marks.insert(box) }
    guard marks.contains(box) else { return findings.cut(.other) }
    findings.hasProvenance = true
    try assembly.copy(range)
  }

  /// How many pictures an index of CIPA DC-007 names: tag 0xB001.
  private static func pictures(_ block: [UInt8]) -> Int {
    var first: UInt64 = 0
    guard let layout = TIFFLayout(block, first: &first), !layout.isBig,
      let index = try? TIFFDirectory(
        at: first, layout,
        { place, count throws(StructureError) in
          guard place <= UInt64(block.count), count <= block.count - Int(place) else {
            throw StructureError("the index of pictures runs past the end of its segment")
          }
          return Array(block[Int(place)..<Int(place) + count])
        }), let number = index[0xB001], number.isInline
    else { return 1 }
    return Int(min(1_000, layout.number(number.bytes[8..<12])))
  }

  /// Leaves out what stands behind the end marker: other pictures, videos, the makers' own records.
  private func cutTrailer(_ findings: inout Findings) throws(StructureError) {
    let rest = place..<source.size
    guard try !source.isBlank(rest) else { return }
    let head = try source.bytes(place, Int(min(65_536, Int64(rest.count))))
    if head.contains([0xFF, 0xD8, 0xFF]) {
      findings.cut(.secondPicture)
      findings.mend(.firstPicture(of: max(2, pictures)))
    } else if head.contains("ftyp") {
      findings.cut(.attachment)
    } else {
      findings.cut(.leftover)
    }
  }
}

extension [UInt8] {
  /// Whether the ASCII characters of `text` stand somewhere.
  func contains(_ text: String) -> Bool { contains(Array(text.utf8)) }

  /// Whether `part` stands somewhere.
  func contains(_ part: [UInt8]) -> Bool {
    guard let first = part.first, count >= part.count else { return false }
    return (0...(count - part.count)).contains {
      self[$0] == first && self[$0..<$0 + part.count].elementsEqual(part)
    }
  }
}
