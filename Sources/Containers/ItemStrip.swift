import Core

/// A HEIC or AVIF without the items that its picture does not need.
///
/// The tables of items are written anew in their own room, what the picture does not refer to
/// becomes zeros, and nothing that stays changes its place.
///
/// Sources: ISO/IEC 14496-12, ISO/IEC 23008-12 (HEIF), AVIF 1.1, C2PA 2.1.
struct ItemStrip {
  private let source: FileBytes

  init(_ source: FileBytes) {
    self.source = source
  }

  /// Properties that show the picture: how it is coded, its sides, colours, turns and layers.
  private static let shown: Set<String> = [
    "hvcC", "av1C", "avcC", "lhvC", "vvcC", "evcC", "jpgC", "j2kH", "uncC", "cmpd", "cmpC", "cpat",
    "ispe", "pixi", "pasp", "colr", "irot", "imir", "clap", "iscl", "rloc", "rref", "auxC", "mskC",
    "clli", "mdcv", "cclv", "amve", "ndwt", "reve", "lsel", "a1op", "a1lx", "oinf", "tols",
  ]

  private static func kind(_ property: String) -> PrivateData {
    switch property {
    case "udes", "altt": .description
    case "crtt", "mdft", "itai", "taic": .time
    case "cmin", "cmex", "aebr", "wbbr", "fobr", "afbr", "dobr", "pano": .settings
    default: .other
    }
  }

  /// The picture without what is private.
  func assembly(_ findings: inout Findings) throws(StructureError) -> Assembly {
    let top = try MovieStrip.top(source, &findings)
    var boxes = BoxPatches(source)
    boxes.patches.end = top.end
    boxes.canAppend = top.boxes.last?.isOpen != true
    guard let meta = top.boxes.first(where: { $0.type == "meta" }) else {
      return try MovieStrip(source).assembly(&findings)
    }
    var media: [Range<Int64>] = []
    for box in top.boxes {
      switch box.type {
      case "ftyp", "styp", "moov", "moof", "sidx", "mfra": continue
      case "mdat": media.append(box.content)
      case "meta":
        if box.range != meta.range {
          findings.cut(.other)
          try boxes.free(box)
        }
      case "free", "skip", "wide": try boxes.clean(box, &findings)
      case "uuid": try boxes.named(box, &findings)
      default:
        // A moving photograph's video is a box of its own.
        findings.cut(box.type == "mpvd" ? .attachment : .other)
        try boxes.free(box)
      }
    }
    let extents = try patch(meta, fileEnd: top.end ?? source.size, &boxes, &findings)
    let kept = merged(extents.kept)
    if top.boxes.contains(where: { $0.type == "moov" }) {
      try MovieStrip(source).patch(top.boxes, &boxes, &findings, keeping: kept)
      for range in extents.cut {
        for part in gaps(of: kept, in: range) { try boxes.patches.blank(part) }
      }
    } else {
      for range in media {
        for gap in gaps(of: kept, in: range) where try !source.isBlank(gap) {
          if findings.removed.isEmpty { findings.cut(.leftover) }
          try boxes.patches.blank(gap)
        }
      }
    }
    return try boxes.assembly()
  }

  /// Writes the tables of `meta` anew; where what stays and what goes lies in the file.
  private func patch(
    _ meta: ISOBox, fileEnd: Int64, _ boxes: inout BoxPatches, _ findings: inout Findings
  ) throws(StructureError) -> (kept: [Range<Int64>], cut: [Range<Int64>]) {
    guard meta.content.count >= 4 else { throw StructureError("its tables are cut off") }
    let children = try ISOBox.list(meta.body + 4..<meta.range.upperBound, source)
    let table = try ItemTable(children, source)
    var choice = ItemChoice(table)
    choice.note(&findings)
    var payload: [UInt8] = []
    var moved: [UInt32: Range<Int64>] = [:]
    for item in table.items where choice.described.contains(item.id) {
      let data = try content(of: item.id, table)
      let isExif = item.type == "Exif"
      let (new, isUnchanged) = isExif ? exif(data, &findings) : xmp(data, &findings)
      if isUnchanged {
        choice.kept.insert(item.id)
      } else if let new, boxes.canAppend, fileEnd + Int64(payload.count + new.count) < 1 << 32 {
        choice.kept.insert(item.id)
        let start = fileEnd + Int64(boxes.tail.count) + 8 + Int64(payload.count)
        moved[item.id] = start..<start + Int64(new.count)
        payload += new
      }
    }
    if !payload.isEmpty { boxes.tail += ISOBox.made("mdat", payload) }
    for box in table.properties where !Self.shown.contains(box.type) {
      guard !["free", "skip"].contains(box.type) else {
        try boxes.clean(box, &findings)
        continue
      }
      findings.cut(Self.kind(box.type))
      try boxes.free(box)
    }
    var kept: [Range<Int64>] = []
    var cut: [Range<Int64>] = []
    for location in table.locations {
      if choice.kept.contains(location.id), moved[location.id] == nil {
        kept += location.extents
      } else {
        cut += location.extents
      }
    }
    if choice.kept.count < table.items.count || !moved.isEmpty {
      guard
        !table.locations.contains(where: { location in
          location.method == 0 && location.extents.contains { $0.overlaps(meta.range) }
        })
      else { throw StructureError("a picture lies inside the tables of items") }
      try rewrite(meta, children, table, choice, moved, cut, &boxes, &findings)
    } else {
      for box in children { try check(box, &boxes, &findings) }
    }
    return (kept, cut)
  }

  private func content(of id: UInt32, _ table: ItemTable) throws(StructureError) -> [UInt8] {
    var bytes: [UInt8] = []
    for range in table.locations.first(where: { $0.id == id })?.extents ?? [] {
      guard bytes.count + range.count <= 1 << 24 else {
        throw StructureError("the metadata of the picture are too long")
      }
      bytes += try source.bytes(range.lowerBound, range.count)
    }
    return bytes
  }

  /// Source: ISO/IEC 23008-12, annex A.2.1: four bytes say where the block begins behind them.
  private func exif(_ data: [UInt8], _ findings: inout Findings) -> ([UInt8]?, Bool) {
    let offset = data.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    guard data.count >= 4, offset <= data.count - 4 else {
      findings.cut(.other)
      return (nil, false)
    }
    let reduced = ExifReduction(Array(data[(4 + offset)...]))
    findings.removed.formUnion(reduced.removed)
    return (reduced.block.map { [0, 0, 0, 6] + "Exif\0\0".utf8 + $0 }, reduced.isUnchanged)
  }

  private func xmp(_ data: [UInt8], _ findings: inout Findings) -> ([UInt8]?, Bool) {
    let reduced = XMPReduction(data)
    findings.removed.formUnion(reduced.removed)
    return (reduced.packet, reduced.isUnchanged)
  }

  /// Looks at a box of `meta` that stays where it is.
  private func check(
    _ box: ISOBox, _ boxes: inout BoxPatches, _ findings: inout Findings
  ) throws(StructureError) {
    switch box.type {
    case "hdlr", "pitm", "iinf", "iloc", "iref", "iprp", "idat", "dinf", "grpl", "ipro": return
    case "free", "skip": try boxes.clean(box, &findings)
    case "uuid": try boxes.named(box, &findings)
    default:
      findings.cut(.other)
      try boxes.free(box)
    }
  }

  private func rewrite(
    _ meta: ISOBox, _ children: [ISOBox], _ table: ItemTable, _ choice: ItemChoice,
    _ moved: [UInt32: Range<Int64>], _ cut: [Range<Int64>], _ boxes: inout BoxPatches,
    _ findings: inout Findings
  ) throws(StructureError) {
    var new: [UInt8] = []
    for box in children {
      switch box.type {
      case "iinf":
        let kept = table.items.filter { choice.kept.contains($0.id) }
        let head: [UInt8] = [table.infoVersion, 0, 0, 0]
        new += ISOBox.made(
          "iinf",
          head + ISOBox.big(UInt64(kept.count), table.infoVersion == 0 ? 2 : 4)
            + kept.flatMap(\.bytes))
      case "iloc": new += locations(table, choice, moved)
      case "iref": new += references(table, choice)
      case "iprp": new += try properties(box, table, choice, &findings)
      case "idat":
        var bytes = try box.bytes(source)
        for range in cut {
          let part = range.clamped(to: box.content)
          let first = Int(part.lowerBound - box.body)
          bytes.replaceSubrange(
            first..<first + part.count, with: [UInt8](repeating: 0, count: part.count))
        }
        // What stays may share bytes with what goes.
        for location in table.locations
        where location.method == 1 && choice.kept.contains(location.id) {
          for range in location.extents where moved[location.id] == nil {
            let part = range.clamped(to: box.content)
            let first = Int(part.lowerBound - box.body)
            bytes.replaceSubrange(
              first..<first + part.count, with: try source.bytes(part.lowerBound, part.count))
          }
        }
        new += ISOBox.made("idat", bytes)
      case "hdlr", "pitm", "dinf", "ipro": new += ISOBox.made(box.type, try box.bytes(source))
      case "free", "skip", "grpl": continue
      default: findings.cut(.other)
      }
    }
    let room = Int(meta.range.upperBound - meta.body) - 4
    let filling = room - new.count
    guard filling == 0 || filling >= 8 else {
      throw StructureError("its tables cannot be written anew in their own room")
    }
    if filling > 0 { new += ISOBox.made("free", [UInt8](repeating: 0, count: filling - 8)) }
    try boxes.patches.put(new, at: meta.body + 4)
  }

  private func locations(
    _ table: ItemTable, _ choice: ItemChoice, _ moved: [UInt32: Range<Int64>]
  ) -> [UInt8] {
    let head = table.locationHead
    let version = head[0]
    let (offsetSize, lengthSize) = (Int(head[4] >> 4), Int(head[4] & 15))
    let (baseSize, indexSize) = (Int(head[5] >> 4), version == 0 ? 0 : Int(head[5] & 15))
    var entries: [[UInt8]] = []
    for location in table.locations where choice.kept.contains(location.id) {
      guard let place = moved[location.id] else {
        entries.append(location.bytes)
        continue
      }
      var entry = ISOBox.big(UInt64(location.id), version < 2 ? 2 : 4)
      if version > 0 { entry += [0, 0] }
      entry += [0, 0]
      // Where entries have no offsets of their own, the base is the place.
      let isInBase = offsetSize == 0
      entry += ISOBox.big(isInBase ? UInt64(place.lowerBound) : 0, baseSize)
      entry += [0, 1] + ISOBox.big(0, indexSize)
      entry += ISOBox.big(isInBase ? 0 : UInt64(place.lowerBound), offsetSize)
      entry += ISOBox.big(UInt64(place.count), lengthSize)
      entries.append(entry)
    }
    return ISOBox.made(
      "iloc", head + ISOBox.big(UInt64(entries.count), version < 2 ? 2 : 4) + entries.flatMap { $0 }
    )
  }

  private func references(_ table: ItemTable, _ choice: ItemChoice) -> [UInt8] {
    let width = table.referenceVersion == 0 ? 2 : 4
    var body: [UInt8] = []
    for reference in table.references where choice.kept.contains(reference.from) {
      let to = reference.to.filter(choice.kept.contains)
      guard !to.isEmpty else { continue }
      body += ISOBox.made(
        reference.type,
        ISOBox.big(UInt64(reference.from), width) + ISOBox.big(UInt64(to.count), 2)
          + to.flatMap { ISOBox.big(UInt64($0), width) })
    }
    return body.isEmpty ? [] : ISOBox.made("iref", [table.referenceVersion, 0, 0, 0] + body)
  }

  private func properties(
    _ box: ISOBox, _ table: ItemTable, _ choice: ItemChoice, _ findings: inout Findings
  ) throws(StructureError) -> [UInt8] {
    var body: [UInt8] = []
    for part in try ISOBox.list(box.content, source) {
      if part.type == "ipma" {
        let kept = table.associations.filter { choice.kept.contains($0.id) }
        body += ISOBox.made(
          "ipma",
          table.associationHead + ISOBox.four(UInt64(kept.count)) + kept.flatMap(\.bytes))
        continue
      }
      guard part.type == "ipco" else {
        findings.cut(.other)
        continue
      }
      var inside: [UInt8] = []
      for property in table.properties {
        let content = try property.bytes(source)
        let isPrivate = !Self.shown.contains(property.type)
        // Properties go by number: one that goes leaves its place to another.
        inside += ISOBox.made(
          isPrivate ? "free" : property.type,
          isPrivate ? [UInt8](repeating: 0, count: content.count) : content)
      }
      body += ISOBox.made("ipco", inside)
    }
    return ISOBox.made("iprp", body)
  }
}
