/// The texts of videos: `udta`, and `meta` with its list of items.
///
/// Sources: QuickTime File Format Specification (user data, metadata), 3GPP TS 26.244, iTunes'
/// `ilst`.
struct MovieTexts {
  private let source: FileBytes

  init(_ source: FileBytes) {
    self.source = source
  }

  /// Whose it is.
  private static let kept: Set<String> = ["©cpy", "cprt", "©ART", "©aut", "auth", "aART", "kind"]
  private static let keptKeys: Set<String> = [
    "com.apple.quicktime.copyright", "com.apple.quicktime.author", "com.apple.quicktime.artist",
    "com.apple.quicktime.rights", "com.apple.quicktime.credits",
  ]

  /// What a box that goes is about.
  static func kind(_ type: String) -> PrivateData {
    switch type {
    case "©xyz", "loci", "gps ", "©lat", "©lon", "GPSC", "GPSP": .place
    case "©mak", "©mod", "manu", "modl", "LENS", "CNTH", "CNDA", "@mod", "@mak", "cmnm", "cmid":
      .device
    case "CAME", "MUID", "FIRM", "GUMI", "GPMF", "SNum", "©ser", "slno": .serialNumber
    case "©swr", "©too", "©enc", "©swf", "VERS", "hinv": .software
    case "©day", "©dat", "date", "prft": .time
    case "©cmt", "©inf", "info", "©des": .comment
    case "covr", "thmb", "tnal", "PICT", "thum", "TNAL": .thumbnail
    case "free", "skip": .leftover
    case "XMP_", "©his": .history
    case "©nam", "titl", "dscp", "desc", "ldes", "©gen", "©alb", "gnre", "perf", "name", "©trk":
      .description
    case "AMBA", "SETT", "SDLN", "FLDB": .settings
    case "mpvd", "sefd": .attachment
    default: .other
    }
  }

  /// Lets go of what `udta` holds beside whose the video is.
  func patch(
    _ box: ISOBox, _ boxes: inout BoxPatches, _ findings: inout Findings
  ) throws(StructureError) {
    guard let children = try? ISOBox.list(box.content, source) else {
      findings.cut(.other)
      return try boxes.free(box)
    }
    for child in children {
      switch child.type {
      case "meta": try patchMeta(child, &boxes, &findings)
      case "free", "skip": try boxes.clean(child, &findings)
      case "uuid": try boxes.named(child, &findings)
      case "XMP_": try boxes.xmp(child, at: child.body, &findings)
      case _ where Self.kept.contains(child.type): continue
      default:
        findings.cut(Self.kind(child.type))
        try boxes.free(child)
      }
    }
    // Bytes behind the last box.
    let rest = (children.last?.range.upperBound ?? box.body)..<box.range.upperBound
    if try !source.isBlank(rest) {
      findings.cut(.leftover)
      try boxes.patches.blank(rest)
    }
  }

  /// Lets go of what a list of items holds beside whose the video is.
  func patchMeta(
    _ box: ISOBox, _ boxes: inout BoxPatches, _ findings: inout Findings
  ) throws(StructureError) {
    // In QuickTime it has no version and flags.
    let first = box.content.count >= 8 ? ISOBox.name(try source.big(box.body + 4, 4)) : ""
    let isPlain = first == "hdlr"
    let start = box.body + (isPlain ? 0 : 4)
    guard start <= box.range.upperBound,
      let children = try? ISOBox.list(start..<box.range.upperBound, source)
    else {
      findings.cut(.other)
      return try boxes.free(box)
    }
    let keys =
      try children.first { $0.type == "keys" }.map { key throws(StructureError) in
        try self.keys(key)
      } ?? []
    var keepsSomething = false
    var gone: [ISOBox] = []
    for child in children {
      switch child.type {
      case "hdlr", "keys": continue
      case "free", "skip": try boxes.clean(child, &findings)
      case "ilst":
        for item in try ISOBox.list(child.content, source) {
          let number = item.type.unicodeScalars.reduce(0) { $0 << 8 | Int($1.value) }
          let key = keys.indices.contains(number - 1) ? keys[number - 1].name : nil
          let isKept = key.map(Self.keptKeys.contains) ?? Self.kept.contains(item.type)
          if isKept {
            keepsSomething = true
          } else if item.type != "free" {
            findings.cut(key.map(Self.kind(ofKey:)) ?? Self.kind(item.type))
            gone.append(item)
          } else {
            try boxes.clean(item, &findings)
          }
        }
      default:
        findings.cut(.other)
        gone.append(child)
      }
    }
    guard keepsSomething else {
      // A list without items would say nothing.
      if !gone.isEmpty { try boxes.free(box) }
      return
    }
    for item in gone { try boxes.free(item) }
    for key in keys where !Self.keptKeys.contains(key.name) {
      // The names of what is gone are telling too.
      try boxes.patches.put(
        [UInt8](repeating: UInt8(ascii: "-"), count: key.range.count), at: key.range.lowerBound)
    }
  }

  private func keys(_ box: ISOBox) throws(StructureError) -> [(name: String, range: Range<Int64>)] {
    guard box.content.count >= 8 else { return [] }
    return try ISOBox.list(box.body + 8..<box.range.upperBound, source).map {
      key throws(StructureError) in
      (String(decoding: try key.bytes(source, most: 4_096), as: UTF8.self), key.content)
    }
  }

  private static func kind(ofKey name: String) -> PrivateData {
    let lower = name.lowercased()
    func has(_ parts: String...) -> Bool { parts.contains { lower.contains($0) } }
    if has("location", "gps", "direction") { return .place }
    if has("make", "model", "manufacturer", "lens") { return .device }
    if has("software", "version", "encoder") { return .software }
    if has("date", "time") { return .time }
    if has("identifier", "serial", "uuid") { return .serialNumber }
    if has("artwork", "thumbnail") { return .thumbnail }
    if has("comment") { return .comment }
    if has("title", "description", "keywords") { return .description }
    return .other
  }
}
