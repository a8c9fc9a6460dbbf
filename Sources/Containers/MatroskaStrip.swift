import Core

/// A Matroska or WebM video without what is not needed to play it.
///
/// No element changes its place or its length: those that go become elements of nothing (Void).
///
/// Source: RFC 9559 (Matroska); the numbers are its identifiers of elements.
struct MatroskaStrip {
  private let source: FileBytes
  private var patches = Patches()
  /// Kinds of top elements that went, to be forgotten by the list of places.
  private var gone: Set<UInt64> = []
  private var goneTracks: Set<UInt64> = []

  init(_ source: FileBytes) {
    self.source = source
  }

  private enum ID {
    static let header: UInt64 = 0x1A45_DFA3
    static let segment: UInt64 = 0x1853_8067
    static let seekHead: UInt64 = 0x114D_9B74
    static let info: UInt64 = 0x1549_A966
    static let tracks: UInt64 = 0x1654_AE6B
    static let cluster: UInt64 = 0x1F43_B675
    static let cues: UInt64 = 0x1C53_BB6B
    static let chapters: UInt64 = 0x1043_A770
    static let attachments: UInt64 = 0x1941_A469
    static let tags: UInt64 = 0x1254_C367
    static let void: UInt64 = 0xEC
    static let checksum: UInt64 = 0xBF
    static let top: Set<UInt64> = [
      seekHead, info, tracks, cluster, cues, chapters, attachments, tags,
    ]
  }

  /// The video without what is private.
  func assembly(_ findings: inout Findings) throws(StructureError) -> Assembly {
    var walk = self
    return try walk.walk(&findings)
  }

  private mutating func walk(_ findings: inout Findings) throws(StructureError) -> Assembly {
    var place: Int64 = 0
    var segments = 0
    while place < source.size {
      let element: EBMLElement
      do {
        element = try EBMLElement(at: place, within: source.size, source)
      } catch {
        guard segments > 0 else { throw error }
        if try !source.isBlank(place..<source.size) {
          findings.cut(.leftover)
          patches.end = place
        }
        break
      }
      switch element.id {
      case ID.header: break
      case ID.segment:
        segments += 1
        guard segments == 1 else { throw StructureError("it has several segments") }
        try segment(element, &findings)
      case ID.void: try clean(element, &findings)
      default:
        guard segments > 0 else { throw StructureError("it does not begin like a Matroska file") }
        findings.cut(.leftover)
        try void(element)
      }
      place = element.range.upperBound
    }
    guard segments == 1 else { throw StructureError("it has no segment") }
    return try patches.assembly(source.size)
  }

  private mutating func void(_ element: EBMLElement) throws(StructureError) {
    let head = EBMLElement.void(Int64(element.range.count))
    try patches.put(head, at: element.range.lowerBound)
    try patches.blank(element.range.lowerBound + Int64(head.count)..<element.range.upperBound)
  }

  private mutating func clean(
    _ element: EBMLElement, _ findings: inout Findings
  ) throws(StructureError) {
    guard try !source.isBlank(element.content) else { return }
    findings.cut(.leftover)
    try patches.blank(element.content)
  }

  /// The end of an element of unknown length: before the next one that cannot be inside it.
  private func end(of element: EBMLElement) throws(StructureError) -> Int64 {
    guard element.isOpen else { return element.range.upperBound }
    guard element.id == ID.cluster else {
      throw StructureError("the element at byte \(element.range.lowerBound) has no length")
    }
    var place = element.body
    while place < element.range.upperBound {
      let next = try EBMLElement(at: place, within: element.range.upperBound, source)
      if ID.top.contains(next.id) { return place }
      guard !next.isOpen else {
        throw StructureError("the element at byte \(place) has no length")
      }
      place = next.range.upperBound
    }
    return element.range.upperBound
  }

  private mutating func segment(
    _ segment: EBMLElement, _ findings: inout Findings
  ) throws(StructureError) {
    var place = segment.body
    var seeks: [EBMLElement] = []
    var clusters: [Range<Int64>] = []
    while place < segment.range.upperBound {
      let element = try EBMLElement(at: place, within: segment.range.upperBound, source)
      let end = try end(of: element)
      switch element.id {
      case ID.seekHead: seeks.append(element)
      case ID.info: try info(element, &findings)
      case ID.tracks: try tracks(element, &findings)
      case ID.cluster: clusters.append(element.body..<end)
      case ID.cues: break
      case ID.tags: try tags(element, &findings)
      case ID.void: try clean(element, &findings)
      case ID.checksum: try void(element)
      default:
        findings.cut(
          element.id == ID.attachments
            ? .attachment : element.id == ID.chapters ? .description : .other)
        gone.insert(element.id)
        try void(element)
      }
      place = end
    }
    for head in seeks { try seekHead(head, &findings) }
    guard !goneTracks.isEmpty else { return }
    for cluster in clusters { try self.cluster(cluster) }
  }

  /// Forgets the places of what is gone.
  private mutating func seekHead(
    _ head: EBMLElement, _ findings: inout Findings
  ) throws(StructureError) {
    guard !gone.isEmpty else { return }
    for entry in try EBMLElement.list(head.content, source) {
      if entry.id == ID.checksum { try void(entry) }
      guard entry.id == 0x4DBB else { continue }
      for part in try EBMLElement.list(entry.content, source)
      where part.id == 0x53AB && (1...4).contains(part.content.count) {
        if gone.contains(try source.big(part.body, part.content.count)) { try void(entry) }
      }
    }
  }

  private mutating func info(
    _ info: EBMLElement, _ findings: inout Findings
  ) throws(StructureError) {
    var kinds: Set<PrivateData> = []
    var checksums: [EBMLElement] = []
    for element in try EBMLElement.list(info.content, source) {
      switch element.id {
      case 0x2AD7B1, 0x4489: break
      case ID.checksum: checksums.append(element)
      case ID.void: try clean(element, &findings)
      // The programs must be named, but their names may be empty.
      case 0x4D80, 0x5741:
        guard element.content.count <= 4_096 else { throw StructureError("a name is too long") }
        let name = String(
          decoding: try source.bytes(element.body, element.content.count), as: UTF8.self)
        if !name.hasPrefix("Lav"), name.contains(where: { $0 != "\0" }) {
          kinds.insert(.software)
          try patches.blank(element.content)
        }
      case 0x4461: kinds.insert(.time); try void(element)
      case 0x7BA9: kinds.insert(.description); try void(element)
      case 0x73A4, 0x3CB923, 0x3EB923, 0x4444: kinds.insert(.serialNumber); try void(element)
      default: kinds.insert(.other); try void(element)
      }
    }
    if !kinds.isEmpty { for checksum in checksums { try void(checksum) } }
    findings.removed.formUnion(kinds)
  }

  private mutating func tracks(
    _ tracks: EBMLElement, _ findings: inout Findings
  ) throws(StructureError) {
    var checksums: [EBMLElement] = []
    var isChanged = false
    for track in try EBMLElement.list(tracks.content, source) {
      if track.id == ID.checksum { checksums.append(track) }
      guard track.id == 0xAE else { continue }
      let fields = try EBMLElement.list(track.content, source)
      func number(_ id: UInt64) throws(StructureError) -> UInt64 {
        guard let field = fields.first(where: { $0.id == id }),
          (1...8).contains(field.content.count)
        else { return 0 }
        return try source.big(field.body, field.content.count)
      }
      // Subtitles go with the measurements: drones and cameras write where they are into them.
      guard [1, 2].contains(try number(0x83)) else {
        findings.cut(.track)
        goneTracks.insert(try number(0xD7))
        try void(track)
        isChanged = true
        continue
      }
      for field in fields {
        switch field.id {
        // Names and the programs' own settings.
        case 0x536E, 0x25_8688, 0x3A_9697, 0x3B_4040, 0x26_B240, 0x7446:
          findings.cut(field.id == 0x536E ? .description : .software)
          try void(field)
          isChanged = true
        case ID.void: try clean(field, &findings)
        default: continue
        }
      }
      if isChanged { for field in fields where field.id == ID.checksum { try void(field) } }
    }
    if isChanged { for checksum in checksums { try void(checksum) } }
  }

  /// Tags by name that say whose it is and how it came to be.
  private static let kept: Set<String> = [
    "COPYRIGHT", "ARTIST", "DIGITAL_SOURCE_TYPE", "LICENSE", "TERMS_OF_USE", "PRODUCTION_COPYRIGHT",
  ]

  private mutating func tags(
    _ tags: EBMLElement, _ findings: inout Findings
  ) throws(StructureError) {
    var kept: [EBMLElement] = []
    var cut: [EBMLElement] = []
    for tag in try EBMLElement.list(tags.content, source) {
      guard tag.id == 0x7373 else {
        if tag.id == ID.void { try clean(tag, &findings) }
        if tag.id == ID.checksum { cut.append(tag) }
        continue
      }
      let simple = try EBMLElement.list(tag.content, source).filter { $0.id != 0x63C0 }
      var keepsOne = false
      var (parts, nested): ([EBMLElement], [EBMLElement]) = ([], [])
      for element in simple where element.id != ID.void {
        if element.id == 0x67C8, try Self.kept.contains(name(of: element)) {
          keepsOne = true
          // What is said of the owner: addresses, dates.
          let inner = try EBMLElement.list(element.content, source).filter { $0.id == 0x67C8 }
          for part in inner { findings.cut(Self.kind(try name(of: part))) }
          nested += inner
        } else {
          if element.id == 0x67C8 { findings.cut(Self.kind(try name(of: element))) }
          parts.append(element)
        }
      }
      if keepsOne {
        kept.append(tag)
        cut += parts + nested
      } else {
        cut.append(tag)
      }
    }
    if kept.isEmpty {
      guard !cut.isEmpty else { return }
      if findings.removed.isEmpty { findings.cut(.other) }
      gone.insert(ID.tags)
      return try void(tags)
    }
    // A checksum alone is no reason to change anything.
    guard cut.contains(where: { $0.id != ID.checksum }) else { return }
    for element in cut { try void(element) }
  }

  private func name(of tag: EBMLElement) throws(StructureError) -> String {
    let parts = try EBMLElement.list(tag.content, source)
    guard let name = parts.first(where: { $0.id == 0x45A3 }), name.content.count <= 256 else {
      return ""
    }
    return String(
      decoding: try source.bytes(name.body, name.content.count).prefix { $0 != 0 }, as: UTF8.self
    )
    .uppercased()
  }

  private static func kind(_ name: String) -> PrivateData {
    func has(_ parts: String...) -> Bool { parts.contains { name.contains($0) } }
    if has("LOCATION", "GPS", "LATITUDE", "LONGITUDE") { return .place }
    if has("DATE", "TIME") { return .time }
    if has("MAKE", "MODEL", "MANUFACTURER") { return .device }
    if has("SERIAL", "IDENTIFIER") { return .serialNumber }
    if has(
      "ENCODER", "SOFTWARE", "DURATION", "STATISTICS", "BPS", "NUMBER_OF", "HANDLER", "VENDOR",
      "MAJOR_BRAND",
      "COMPATIBLE")
    {
      return .software
    }
    if has("COMMENT") { return .comment }
    if has("TITLE", "DESCRIPTION", "SUBJECT", "SUMMARY", "SYNOPSIS", "KEYWORD") {
      return .description
    }
    return .other
  }

  /// Blocks of tracks that went become elements of nothing.
  private mutating func cluster(_ range: Range<Int64>) throws(StructureError) {
    var place = range.lowerBound
    while place < range.upperBound {
      let element = try EBMLElement(at: place, within: range.upperBound, source)
      switch element.id {
      case 0xA3:
        if try goneTracks.contains(track(of: element)) { try void(element) }
      case 0xA0:
        for part in try EBMLElement.list(element.content, source) where part.id == 0xA1 {
          if try goneTracks.contains(track(of: part)) { try void(element) }
        }
      case ID.checksum: try void(element)
      default: break
      }
      place = element.range.upperBound
    }
  }

  private func track(of block: EBMLElement) throws(StructureError) -> UInt64 {
    guard !block.content.isEmpty else { return 0 }
    let width = try source.byte(block.body).leadingZeroBitCount + 1
    guard width <= 8, width <= block.content.count else { return 0 }
    let mask: UInt64 = width == 8 ? (1 << 56) - 1 : (1 << (7 * UInt64(width))) - 1
    return try source.big(block.body, width) & mask
  }
}
