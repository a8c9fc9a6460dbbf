import Core

/// An MP4 or QuickTime video without what is not needed to play it.
///
/// No box changes its place or its length: those that go become boxes of nothing, so that every
/// place that the index names stays right, whether it stands before or behind the samples.
///
/// Sources: ISO/IEC 14496-12, QuickTime File Format Specification, C2PA 2.1 annex A.5.
struct MovieStrip {
  let source: FileBytes

  init(_ source: FileBytes) {
    self.source = source
  }

  /// Boxes that hold boxes, with those that stay in them.
  static let kept: [String: Set<String>] = [
    "moov": ["mvhd", "trak", "mvex", "iods", "udta", "meta", "uuid"],
    "trak": [
      "tkhd", "edts", "mdia", "tref", "tapt", "load", "trgr", "clip", "matt", "txas", "udta",
    ],
    "mdia": ["mdhd", "hdlr", "minf", "elng"],
    "minf": ["vmhd", "smhd", "nmhd", "gmhd", "hdlr", "dinf", "stbl"],
    "dinf": ["dref"],
    "stbl": [
      "stsd", "stts", "ctts", "cslg", "stsc", "stsz", "stz2", "stco", "co64", "stss", "stsh",
      "padb",
      "stdp", "sdtp", "sbgp", "sgpd", "subs", "saiz", "saio", "stps", "csgp",
    ],
    "mvex": ["mehd", "trex", "leva"],
    "moof": ["mfhd", "traf"],
    "traf": ["tfhd", "tfdt", "trun", "sbgp", "sgpd", "subs", "saiz", "saio", "senc"],
  ]

  /// The video without what is private.
  func assembly(_ findings: inout Findings) throws(StructureError) -> Assembly {
    let top = try Self.top(source, &findings)
    var boxes = BoxPatches(source)
    boxes.patches.end = top.end
    boxes.canAppend = top.boxes.last?.isOpen != true
    for box in top.boxes {
      switch box.type {
      case "ftyp", "styp", "mdat", "moov", "moof", "sidx", "ssix", "mfra", "pdin": continue
      case "free", "skip", "wide": try boxes.clean(box, &findings)
      case "uuid": try boxes.named(box, &findings)
      default:
        findings.cut(MovieTexts.kind(box.type))
        try boxes.free(box)
      }
    }
    try patch(top.boxes, &boxes, &findings)
    return try boxes.assembly()
  }

  /// The boxes of the file, with its end where what stands behind them is no box.
  static func top(
    _ source: FileBytes, _ findings: inout Findings
  ) throws(StructureError) -> (boxes: [ISOBox], end: Int64?) {
    var boxes: [ISOBox] = []
    var place: Int64 = 0
    var hasIndex = false
    while place < source.size {
      guard boxes.count < 1_000_000 else { throw StructureError("it has too many boxes") }
      let box: ISOBox
      do {
        box = try ISOBox(at: place, within: source.size, source)
      } catch {
        // A maker's own records behind the last box; players never look there.
        guard hasIndex, boxes.contains(where: { $0.type == "mdat" }), try !isCut(source, place)
        else { throw error }
        if try source.isBlank(place..<source.size) { return (boxes, nil) }
        findings.cut(.leftover)
        return (boxes, place)
      }
      if box.type == "moov" || box.type == "meta" { hasIndex = true }
      boxes.append(box)
      place = box.range.upperBound
    }
    return (boxes, nil)
  }

  /// Whether what stands at `place` is a known box whose end is missing.
  private static func isCut(_ source: FileBytes, _ place: Int64) throws(StructureError) -> Bool {
    guard place + 8 <= source.size else { return false }
    return ["mdat", "moov", "moof", "meta"].contains(ISOBox.name(try source.big(place + 4, 4)))
  }

  /// Changes the index and the fragments among `top`, the boxes of the file. `items` lie beside the
  /// samples and stay.
  func patch(
    _ top: [ISOBox], _ boxes: inout BoxPatches, _ findings: inout Findings,
    keeping items: [Range<Int64>] = []
  ) throws(StructureError) {
    let indices = top.filter { $0.type == "moov" }
    guard indices.count == 1, let index = indices.first else {
      throw StructureError("it has \(indices.count) indices (moov)")
    }
    var tracks: [MovieTrack] = []
    var defaults: [UInt32: UInt32] = [:]
    for box in try ISOBox.list(index.content, source) {
      switch box.type {
      case "cmov", "rmra":
        throw StructureError("its index is of a kind that Swapline does not read")
      case "trak": tracks.append(try MovieTrack(box, source))
      case "mvex":
        for part in try ISOBox.list(box.content, source)
        where part.type == "trex" && part.content.count >= 24 {
          defaults[UInt32(try source.big(part.body + 4, 4))] =
            UInt32(try source.big(part.body + 16, 4))
        }
      default: continue
      }
    }
    guard tracks.count < 1_000 else { throw StructureError("it has too many tracks") }
    let isVideo = tracks.contains { $0.handler == "vide" && $0.samples != 1 }
    let gone = Set(tracks.filter { !$0.stays(besideVideo: isVideo) }.map(\.box.range.lowerBound))
    let goneIDs = Set(tracks.filter { gone.contains($0.box.range.lowerBound) }.map(\.id))
    try walk(index, "moov", gone, goneIDs, 0, &boxes, &findings)
    for track in tracks where gone.contains(track.box.range.lowerBound) {
      findings.cut(track.handler == "vide" ? .thumbnail : .track)
    }
    let samples = MovieSamples(source, tracks: tracks, gone: gone)
    let fragments = top.filter { $0.type == "moof" }
    for range in try samples.ranges() { try boxes.patches.blank(range) }
    var kept = items + (try samples.keptRanges())
    for fragment in fragments {
      let ranges = try samples.ranges(in: fragment, gone: goneIDs, defaults)
      for range in ranges.gone { try boxes.patches.blank(range) }
      kept += ranges.kept
      try walk(fragment, "moof", gone, goneIDs, 0, &boxes, &findings)
    }
    guard !kept.isEmpty else { return }
    // Samples that an editor left behind, and what dashboard cameras write between the samples: a
    // second's position in a block that only their own index names.
    kept = merged(kept)
    var next = 0
    for box in top where box.type == "mdat" {
      while next < kept.count, kept[next].upperBound <= box.body { next += 1 }
      // A video of fragments has as many of both as it has fragments.
      let own = kept[next...].prefix { $0.lowerBound < box.range.upperBound }
      for gap in gaps(of: Array(own), in: box.content) where try !source.isBlank(gap) {
        if findings.removed.isEmpty { findings.cut(.leftover) }
        try boxes.patches.blank(gap)
      }
    }
  }

  private func walk(
    _ parent: ISOBox, _ type: String, _ gone: Set<Int64>, _ goneIDs: Set<UInt32>, _ depth: Int,
    _ boxes: inout BoxPatches, _ findings: inout Findings
  ) throws(StructureError) {
    guard let kept = Self.kept[type], depth < 8 else { return }
    for box in try ISOBox.list(parent.content, source) {
      guard !gone.contains(box.range.lowerBound) else {
        try boxes.free(box)
        continue
      }
      switch box.type {
      case "free", "skip", "wide": try boxes.clean(box, &findings)
      case "udta": try MovieTexts(source).patch(box, &boxes, &findings)
      case "meta" where kept.contains("meta"):
        try MovieTexts(source).patchMeta(box, &boxes, &findings)
      case "uuid": try boxes.named(box, &findings)
      case _ where !kept.contains(box.type):
        findings.cut(MovieTexts.kind(box.type))
        try boxes.free(box)
      case "mvhd", "tkhd", "mdhd": try blankTimes(box, &boxes, &findings)
      case "hdlr": try blankName(box, &boxes, &findings)
      case "dref": try blankReferences(box, &boxes, &findings)
      case "stsd": try blankCompressor(box, &boxes, &findings)
      case "tref": try forget(goneIDs, box, &boxes)
      case "traf":
        let header = try ISOBox.list(box.content, source).first { $0.type == "tfhd" }
        if let header, header.content.count >= 8,
          goneIDs.contains(UInt32(try source.big(header.body + 4, 4)))
        {
          try boxes.free(box)
        } else {
          try walk(box, "traf", gone, goneIDs, depth + 1, &boxes, &findings)
        }
      default: try walk(box, box.type, gone, goneIDs, depth + 1, &boxes, &findings)
      }
    }
  }

  /// When it was made and changed: two numbers behind version and flags.
  private func blankTimes(
    _ box: ISOBox, _ boxes: inout BoxPatches, _ findings: inout Findings
  ) throws(StructureError) {
    let length: Int64 = try source.byte(box.body) == 1 ? 16 : 8
    let range = box.body + 4..<box.body + 4 + length
    guard range.upperBound <= box.range.upperBound, try !source.isBlank(range) else { return }
    findings.cut(.time)
    try boxes.patches.blank(range)
  }

  /// What every video calls its tracks, and what names no device.
  private static let plainNames: Set<String> = [
    "", "VideoHandler", "SoundHandler", "DataHandler", "Video Media Handler", "Sound Media Handler",
    "Video", "Sound", "Audio", "Apple Video Media Handler", "Apple Sound Media Handler",
    "Apple Alias Data Handler", "Core Media Video", "Core Media Audio", "Core Media Data Handler",
    "VideoHandle", "SoundHandle", "H.264", "HEVC", "AV1", "AVC Coding", "HEVC Coding", "AV1 Coding",
    "AOM Coding", "JPEG", "MPEG-4", "Motion JPEG",
  ]

  private func isPlain(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes.filter { $0 >= 32 }, as: UTF8.self)
    return Self.plainNames.contains(text) || text.hasPrefix("Lavc")
  }

  private func blankName(
    _ box: ISOBox, _ boxes: inout BoxPatches, _ findings: inout Findings
  ) throws(StructureError) {
    let range = box.body + 24..<box.range.upperBound
    guard box.content.count > 24, range.count < 65_536 else { return }
    let name = try source.bytes(range.lowerBound, range.count)
    guard !isPlain(name) else { return }
    findings.cut(.software)
    try boxes.patches.blank(range)
  }

  private func blankReferences(
    _ box: ISOBox, _ boxes: inout BoxPatches, _ findings: inout Findings
  ) throws(StructureError) {
    guard box.content.count >= 8 else { return }
    for entry in try ISOBox.list(box.body + 8..<box.range.upperBound, source) {
      // Where a file lay on somebody's disk.
      guard entry.content.count > 4, try !source.isBlank(entry.body + 4..<entry.range.upperBound)
      else { continue }
      findings.cut(.history)
      try boxes.patches.blank(entry.body + 4..<entry.range.upperBound)
    }
  }

  /// The name of the encoder in descriptions of pictures, at a fixed place.
  private func blankCompressor(
    _ box: ISOBox, _ boxes: inout BoxPatches, _ findings: inout Findings
  ) throws(StructureError) {
    guard box.content.count >= 8 else { return }
    for entry in try ISOBox.list(box.body + 8..<box.range.upperBound, source) {
      let range = entry.body + 42..<entry.body + 74
      // Descriptions of pictures are told by what stands behind the name: depth, then -1 or 0.
      guard entry.content.count >= 78,
        [
          "avc1", "avc3", "hvc1", "hev1", "av01", "vp09", "mp4v",
          "jpeg", "mjpa", "mjpb", "apcn", "apch", "apcs", "apco", "ap4h", "ap4x", "dvh1", "dvhe",
          "png ", "vp08",
        ].contains(entry.type)
      else { continue }
      let name = try source.bytes(range.lowerBound, 32)
      guard !isPlain(name) else { continue }
      findings.cut(.software)
      try boxes.patches.blank(range)
    }
  }

  /// References to tracks that are gone become references of nothing.
  private func forget(
    _ gone: Set<UInt32>, _ box: ISOBox, _ boxes: inout BoxPatches
  ) throws(StructureError) {
    guard !gone.isEmpty else { return }
    for part in try ISOBox.list(box.content, source) {
      guard part.content.count < 65_536, part.content.count % 4 == 0 else { continue }
      let bytes = try source.bytes(part.body, part.content.count)
      let ids = stride(from: 0, to: bytes.count, by: 4).map {
        bytes[$0..<$0 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      }
      if !ids.isEmpty, ids.allSatisfy(gone.contains) { try boxes.free(part) }
    }
  }
}
