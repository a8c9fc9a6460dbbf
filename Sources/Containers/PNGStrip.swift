import Core

/// A PNG's chunks, without those that are not needed to show it.
///
/// Sources: PNG (third edition, W3C 2025), C2PA 2.1 (`caBX`).
struct PNGStrip {
  private let source: FileBytes
  private let rights: Rights?
  private var assembly = Assembly()
  private var hasRights = false
  private var hasExif = false
  private var hasXMP = false
  private var hasPixels = false
  /// The control of a frame whose pixels are still to come.
  private var waiting: Range<Int64>?

  init(_ source: FileBytes, _ rights: Rights?) {
    self.source = source
    self.rights = rights
  }

  /// Chunks that show the picture: its pixels, colours, density and times.
  private static let shown: Set<String> = [
    "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "bKGD", "pHYs",
    "cICP", "mDCV", "cLLI", "mDCv", "cLLi", "acTL", "fcTL", "fdAT",
  ]
  /// The longest chunk whose checksum is computed.
  private static let longest = 1 << 22

  /// The picture without what is private.
  func assembly(_ findings: inout Findings) throws(StructureError) -> Assembly {
    var walk = self
    return try walk.walk(&findings)
  }

  /// The file with everything it carries, with right checksums and its end.
  func mended() throws(StructureError) -> Assembly {
    var walk = self
    var ignored = Findings()
    var place: Int64 = 8
    try walk.assembly.copy(0..<place)
    while place < source.size, try !lacksOnlyItsEnd(at: place) {
      let range = place..<place + 12 + Int64(try source.big(place, 4))
      guard range.upperBound <= source.size else {
        throw StructureError("the chunk at byte \(place) runs past the end of the file")
      }
      let name = String(decoding: try source.bytes(place + 4, 4), as: UTF8.self)
      try walk.keep(name, range, &ignored)
      place = range.upperBound
      if name == "IEND" {
        try walk.assembly.copy(place..<source.size)
        return walk.assembly
      }
    }
    try walk.chunk("IEND", [])
    return walk.assembly
  }

  private mutating func walk(_ findings: inout Findings) throws(StructureError) -> Assembly {
    guard try source.bytes(0, 8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] else {
      throw StructureError("it does not begin like a PNG")
    }
    try assembly.copy(0..<8)
    var place: Int64 = 8
    while true {
      if hasPixels, try lacksOnlyItsEnd(at: place) {
        findings.mend(.endMarker)
        if let control = waiting { try keep("fcTL", control, &findings) }
        try chunk("IEND", [])
        return assembly
      }
      let length = Int64(try source.big(place, 4))
      let name = String(decoding: try source.bytes(place + 4, 4), as: UTF8.self)
      let range = place..<place + 12 + length
      guard length < 1 << 31, range.upperBound <= source.size else {
        throw StructureError("the chunk at byte \(place) runs past the end of the file")
      }
      place = range.upperBound
      if name == "IEND" { return try end(range, &findings) }
      if name == "IDAT", !hasRights, let packet = rights.flatMap({ XMPPacket.bytes($0) }) {
        // What stood in a form that cannot be kept is written in one that can.
        hasRights = true
        if try !laterRights(from: place) { try chunk("iTXt", Self.xmpHead + packet) }
      }
      try take(name, range, &findings)
    }
  }

  /// Whether the file ends at `place`, or within the chunk that says so and holds nothing.
  private func lacksOnlyItsEnd(at place: Int64) throws(StructureError) -> Bool {
    guard place + 12 > source.size else { return false }
    let rest = try source.bytes(place, Int(source.size - place))
    return Self.endChunk.starts(with: rest)
  }

  private static let endChunk: [UInt8] =
    [0, 0, 0, 0] + Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82]

  private mutating func end(
    _ range: Range<Int64>, _ findings: inout Findings
  ) throws(StructureError) -> Assembly {
    if let control = waiting { try keep("fcTL", control, &findings) }
    try assembly.copy(range)
    if try !source.isBlank(range.upperBound..<source.size) { findings.cut(.leftover) }
    return assembly
  }

  private mutating func take(
    _ name: String, _ range: Range<Int64>, _ findings: inout Findings
  ) throws(StructureError) {
    let length = range.count - 12
    if !Self.shown.contains(name), try hasWrongSum(range) {
      // Said even where the chunk goes: strict readers refuse the original for it.
      findings.mend(.checksum(name.allSatisfy(\.isLetter) ? name : "a chunk"))
    }
    switch name {
    case "IHDR", "PLTE": try assembly.copy(range)
    case "IDAT", "fdAT":
      if let control = waiting { try keep("fcTL", control, &findings) }
      waiting = nil
      hasPixels = true
      try assembly.copy(range)
    case "fcTL":
      // Texts may stand between it and its pixels, and not every reader expects them there.
      if let control = waiting { try keep(name, control, &findings) }
      waiting = range
    case _ where Self.shown.contains(name): try keep(name, range, &findings)
    case "caBX":
      findings.hasProvenance = true
      try keep(name, range, &findings)
    case "eXIf":
      guard length <= Self.longest, !hasExif else { return findings.cut(.other) }
      hasExif = true
      let reduced = ExifReduction(try source.bytes(range.lowerBound + 8, length))
      findings.removed.formUnion(reduced.removed)
      if reduced.hasRights { hasRights = true }
      if reduced.isUnchanged { return try keep(name, range, &findings) }
      if let block = reduced.block { try chunk(name, block) }
    case "tEXt", "zTXt", "iTXt": try text(name, range, &findings)
    case "tIME": findings.cut(.time)
    default:
      guard name.utf8.first.map({ $0 & 32 == 32 }) == true else {
        throw StructureError("the chunk at byte \(range.lowerBound) is of an unknown kind")
      }
      findings.cut(name == "iDOT" ? .software : .other)
    }
  }

  private static let xmpHead = Array("XML:com.adobe.xmp".utf8) + [0, 0, 0, 0, 0]

  private mutating func text(
    _ name: String, _ range: Range<Int64>, _ findings: inout Findings
  ) throws(StructureError) {
    let length = range.count - 12
    let head = try source.bytes(range.lowerBound + 8, min(80, length))
    let keyword = String(decoding: head.prefix { $0 != 0 }, as: UTF8.self)
    switch keyword {
    case "XML:com.adobe.xmp":
      guard name == "iTXt", length <= Self.longest, !hasXMP else { return findings.cut(.other) }
      let body = try source.bytes(range.lowerBound + 8, length)
      // Keyword, compression, method, language, translation.
      guard body.count > Self.xmpHead.count, body[18] == 0,
        let language = body[20...].firstIndex(of: 0),
        let translation = body[(language + 1)...].firstIndex(of: 0)
      else { return findings.cut(.other) }
      hasXMP = true
      let reduced = XMPReduction(Array(body[(translation + 1)...]))
      findings.removed.formUnion(reduced.removed)
      if reduced.hasRights { hasRights = true }
      if reduced.isUnchanged { return try keep(name, range, &findings) }
      if let packet = reduced.packet { try chunk("iTXt", Self.xmpHead + packet) }
    case "Copyright", "Author":
      hasRights = true
      try keep(name, range, &findings)
    case "License", "Licence": try keep(name, range, &findings)
    case "Software": findings.cut(.software)
    case "Creation Time", "date:create", "date:modify", "date:timestamp": findings.cut(.time)
    case "Title", "Description", "Disclaimer", "Warning", "Source": findings.cut(.description)
    case _ where keyword.hasPrefix("Raw profile type"): findings.cut(.settings)
    default: findings.cut(.comment)
    }
  }

  private func hasWrongSum(_ range: Range<Int64>) throws(StructureError) -> Bool {
    guard range.count <= Self.longest else { return false }
    let sum = CRC32.of(try source.bytes(range.lowerBound + 4, range.count - 8))
    return try source.big(range.upperBound - 4, 4) != UInt64(sum)
  }

  /// Copies a chunk, with the right checksum.
  private mutating func keep(
    _ name: String, _ range: Range<Int64>, _ findings: inout Findings
  ) throws(StructureError) {
    guard range.count <= Self.longest else { return try assembly.copy(range) }
    let body = try source.bytes(range.lowerBound + 4, range.count - 8)
    let sum = CRC32.of(body)
    guard UInt64(sum) != (try source.big(range.upperBound - 4, 4)) else {
      return try assembly.copy(range)
    }
    findings.mend(.checksum(name))
    try assembly.copy(range.lowerBound..<range.upperBound - 4)
    try assembly.write(Self.four(sum))
  }

  private mutating func chunk(_ name: String, _ body: [UInt8]) throws(StructureError) {
    let named = Array(name.utf8) + body
    try assembly.write(Self.four(UInt32(body.count)) + named + Self.four(CRC32.of(named)))
  }

  private static func four(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  /// Whether a chunk behind the first pixels says whose the picture is: some writers put texts there.
  private func laterRights(from place: Int64) throws(StructureError) -> Bool {
    var place = place
    var chunks = 0
    while place + 12 <= source.size, chunks < 100_000 {
      chunks += 1
      let length = Int64(try source.big(place, 4))
      let name = try source.bytes(place + 4, 4)
      if name.elementsEqual("iTXt".utf8) || name.elementsEqual("eXIf".utf8)
        || name.elementsEqual("tEXt".utf8)
      {
        let head = try source.bytes(place + 8, Int(min(28, length, source.size - place - 8)))
        if name[0] == UInt8(ascii: "e") || head.starts(with: "Copyright\0".utf8)
          || head.starts(with: "Author\0".utf8) || head.starts(with: Self.xmpHead)
        {
          return true
        }
      }
      place += 12 + length
    }
    return false
  }
}
