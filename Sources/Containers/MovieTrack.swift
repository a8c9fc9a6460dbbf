/// A track of a video, as far as it is needed to decide whether it stays.
struct MovieTrack {
  let box: ISOBox
  var id: UInt32 = 0
  /// What kind it is: `vide`, `soun`, `meta`.
  var handler = ""
  /// How its samples are coded, by the first description.
  var coding = ""
  /// How many samples its index counts.
  var samples: UInt64 = 0
  /// The tables of its samples by type.
  var tables: [String: ISOBox] = [:]

  init(_ box: ISOBox, _ source: FileBytes) throws(StructureError) {
    self.box = box
    for child in try ISOBox.list(box.content, source) {
      if child.type == "tkhd", child.content.count >= 24 {
        let version = try source.byte(child.body)
        id = UInt32(try source.big(child.body + (version == 1 ? 20 : 12), 4))
      }
      if child.type == "mdia" { try readMedia(child, source) }
    }
  }

  private mutating func readMedia(_ media: ISOBox, _ source: FileBytes) throws(StructureError) {
    for child in try ISOBox.list(media.content, source) {
      if child.type == "hdlr", child.content.count >= 12 {
        handler = ISOBox.name(try source.big(child.body + 8, 4))
      }
      guard child.type == "minf" else { continue }
      for part in try ISOBox.list(child.content, source) where part.type == "stbl" {
        for table in try ISOBox.list(part.content, source) { tables[table.type] = table }
      }
    }
    if let table = tables["stsd"], table.content.count >= 16 {
      coding = ISOBox.name(try source.big(table.body + 12, 4))
    }
    if let table = tables["stsz"] ?? tables["stz2"], table.content.count >= 12 {
      samples = try source.big(table.body + 8, 4)
    }
  }

  /// Whether it is seen or heard. Texts go with the measurements: drones and cameras write where
  /// they are into subtitles.
  func stays(besideVideo: Bool) -> Bool {
    switch handler {
    case "soun", "auxv", "pict": true
    // A cover or thumbnail is a video of one picture.
    case "vide":
      !(besideVideo && samples == 1 && ["jpeg", "mjpa", "mjpb", "png "].contains(coding))
    default: false
    }
  }
}
