import Core

/// A TIFF's first picture, with everything blanked that it does not need.
///
/// Every place stays where it was: the directory is written anew with fewer entries, and whatever it
/// does not refer to becomes zeros.
///
/// Sources: TIFF 6.0, Adobe TIFF Technical Notes, DNG 1.7 for the numbers of tags.
struct TIFFStrip {
  private let source: FileBytes

  init(_ source: FileBytes) {
    self.source = source
  }

  /// Tags that show the picture.
  private static let shown: Set<Int> = [
    0x00FE, 0x00FF, 0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x0107, 0x010A, 0x0111, 0x0112, 0x0115,
    0x0116, 0x0117, 0x0118, 0x0119, 0x011A, 0x011B, 0x011C, 0x0122, 0x0123, 0x0124, 0x0125, 0x0128,
    0x012D, 0x013D, 0x013E, 0x013F, 0x0140, 0x0141, 0x0142, 0x0143, 0x0144, 0x0145, 0x014C, 0x014E,
    0x0129, 0x0150, 0x0151, 0x0152, 0x0153, 0x0154, 0x0155, 0x0156, 0x015B, 0x0200, 0x0201, 0x0202,
    0x0203,
    0x0205, 0x0206, 0x0207, 0x0208, 0x0209, 0x0211, 0x0212, 0x0213, 0x0214, 0x8773, 0x87AF, 0x87B0,
  ]
  private static let offsets: [(place: Int, length: Int)] = [
    (0x0111, 0x0117), (0x0144, 0x0145), (0x0201, 0x0202),
  ]
  /// What of a second directory makes it a picture rather than a thumbnail.
  private static let mostDirectories = 10_000

  /// The picture without what is private.
  func assembly(_ findings: inout Findings) throws(StructureError) -> Assembly {
    var first: UInt64 = 0
    let head = try source.bytes(0, Int(min(16, source.size)))
    guard let layout = TIFFLayout(head, first: &first) else {
      throw StructureError("it does not begin like a TIFF")
    }
    let directory = try self.directory(at: first, layout)
    var kept = [0..<Int64(layout.isBig ? 16 : 8)]
    var entries: [[UInt8]] = []
    var rewritten: [(place: Int64, bytes: [UInt8])] = []
    for entry in directory.entries {
      switch entry.tag {
      case _ where Self.shown.contains(entry.tag):
        try keepValue(entry, &kept)
        entries.append(entry.bytes)
      case 0x013B, 0x8298:
        guard entry.type == 2 else { continue }
        try keepValue(entry, &kept)
        entries.append(entry.bytes)
      case 0x02BC, 0x8649, 0x83BB:
        if let entry = try reduced(entry, layout, &kept, &rewritten, &findings) {
          entries.append(entry)
        }
      case 0x8769: try noteExif(entry, layout, &findings)
      case 0xA005: continue
      default: findings.cut(ExifReduction.kind(entry.tag))
      }
    }
    try keepPixels(directory, layout, &kept)
    let start = Int64(directory.place)
    let (countWidth, entryWidth, placeWidth) = layout.widths
    let link = Int64(directory.linkPlace)
    // The directory's own room, with what is left of it and no link to a next one.
    kept.append(start..<min(source.size, link + Int64(placeWidth)))
    try noteOthers(directory.next, layout, &findings)
    var patches = Patches()
    if entries.count < directory.entries.count || directory.next != 0 {
      let new =
        layout.bytes(UInt64(entries.count), countWidth) + entries.flatMap { $0 }
        + layout.bytes(0, placeWidth)
      guard !overlaps(start..<link, kept, except: 1) else {
        throw StructureError("the TIFF's directory lies over something else")
      }
      let room = countWidth + directory.entries.count * entryWidth + placeWidth
      try patches.put(new + [UInt8](repeating: 0, count: room - new.count), at: start)
    }
    for (place, bytes) in rewritten { try patches.put(bytes, at: place) }
    let ranges = merged(kept)
    // A directory must not lie over pixels, nor a packet over either.
    for (place, bytes) in rewritten {
      guard !overlaps(place..<place + Int64(bytes.count), kept, except: 1) else {
        throw StructureError("two values of the TIFF lie over each other at byte \(place)")
      }
    }
    for gap in gaps(of: ranges, in: 0..<source.size) where try !source.isBlank(gap) {
      if findings.removed.isEmpty { findings.cut(.leftover) }
      try patches.blank(gap)
    }
    if let end = ranges.last?.upperBound, end < source.size, !findings.removed.isEmpty {
      patches.end = end
    }
    return try patches.assembly(source.size)
  }

  private func directory(
    at place: UInt64, _ layout: TIFFLayout
  ) throws(StructureError) -> TIFFDirectory {
    try TIFFDirectory(at: place, layout) { place, count throws(StructureError) in
      guard place <= UInt64(source.size) else {
        throw StructureError("a TIFF directory lies past the end of the file")
      }
      return try source.bytes(Int64(place), count)
    }
  }

  private func range(_ entry: TIFFEntry) throws(StructureError) -> Range<Int64> {
    let size = UInt64(source.size)
    guard entry.place <= size, entry.length <= size - entry.place else {
      throw StructureError("the value of tag \(entry.tag) runs past the end of the file")
    }
    return Int64(entry.place)..<Int64(entry.place + entry.length)
  }

  private func keepValue(_ entry: TIFFEntry, _ kept: inout [Range<Int64>]) throws(StructureError) {
    if !entry.isInline { kept.append(try range(entry)) }
  }

  private func values(
    _ entry: TIFFEntry, _ layout: TIFFLayout
  ) throws(StructureError) -> [UInt64] {
    let width = Int(TIFFLayout.width(entry.type))
    guard [1, 2, 4, 8].contains(width), entry.count <= 4_000_000 else {
      throw StructureError("tag \(entry.tag) of the TIFF is of an unknown type")
    }
    let range = try range(entry)
    let bytes = try source.bytes(range.lowerBound, range.count)
    return stride(from: 0, to: bytes.count, by: width).map {
      layout.number(bytes[$0..<$0 + width])
    }
  }

  private func keepPixels(
    _ directory: TIFFDirectory, _ layout: TIFFLayout, _ kept: inout [Range<Int64>]
  ) throws(StructureError) {
    var found = false
    for (place, length) in Self.offsets {
      guard let places = directory[place] else { continue }
      let starts = try values(places, layout)
      var counts =
        try directory[length].map { entry throws(StructureError) in
          try values(entry, layout)
        } ?? []
      // A file of one strip may leave its length out.
      if counts.isEmpty, starts.count == 1 { counts = [UInt64(source.size)] }
      guard counts.count == starts.count else {
        throw StructureError("the TIFF names \(starts.count) strips and \(counts.count) lengths")
      }
      for (start, count) in zip(starts, counts) where count > 0 {
        guard start < UInt64(source.size) else {
          throw StructureError("a strip of the TIFF starts past the end of the file")
        }
        kept.append(Int64(start)..<Int64(min(UInt64(source.size) - start, count) + start))
        found = true
      }
    }
    // Tables of old JPEG compression stand elsewhere, without their lengths.
    guard found, directory[0x0207] == nil, directory[0x0208] == nil, directory[0x0209] == nil else {
      throw StructureError("where the TIFF's pixels stand is not said in a known way")
    }
  }

  /// XMP, Photoshop's resources and IPTC, reduced in their place.
  private func reduced(
    _ entry: TIFFEntry, _ layout: TIFFLayout, _ kept: inout [Range<Int64>],
    _ rewritten: inout [(place: Int64, bytes: [UInt8])], _ findings: inout Findings
  ) throws(StructureError) -> [UInt8]? {
    let range = try range(entry)
    guard range.count <= 1 << 22, !entry.isInline else {
      findings.cut(.other)
      return nil
    }
    let bytes = try source.bytes(range.lowerBound, range.count)
    let rest: (kept: [UInt8]?, cut: Set<PrivateData>, isUnchanged: Bool)
    switch entry.tag {
    case 0x02BC:
      let reduced = XMPReduction(bytes)
      rest = (reduced.packet, reduced.removed, reduced.isUnchanged)
    case 0x8649:
      let reduced = PhotoshopReduction(bytes)
      rest = (reduced.block, reduced.removed, reduced.isUnchanged)
    default:
      let (records, cut) = PhotoshopReduction.records(bytes)
      rest = (records.isEmpty ? nil : records, cut, records == bytes)
    }
    findings.removed.formUnion(rest.cut)
    if rest.isUnchanged {
      kept.append(range)
      return entry.bytes
    }
    // A packet that became longer in its new words does not fit in its place.
    guard let new = rest.kept, new.count <= range.count else { return nil }
    let part = range.lowerBound..<range.lowerBound + Int64(new.count)
    let width = Int(TIFFLayout.width(entry.type))
    guard width == 1 || new.count % width == 0 else { return nil }
    kept.append(part)
    rewritten.append((part.lowerBound, new))
    var bytesOfEntry = entry.bytes
    let fields = layout.isBig ? 8 : 4
    bytesOfEntry.replaceSubrange(
      4..<4 + fields, with: layout.bytes(UInt64(new.count / max(1, width)), fields))
    return bytesOfEntry
  }

  private func noteExif(
    _ entry: TIFFEntry, _ layout: TIFFLayout, _ findings: inout Findings
  ) throws(StructureError) {
    let place = layout.number(entry.bytes[(layout.isBig ? 12 : 8)...].prefix(layout.widths.place))
    guard let exif = try? directory(at: place, layout) else { return findings.cut(.settings) }
    for entry in exif.entries where ![0xA001, 0xA005, 0x9000, 0xA000].contains(entry.tag) {
      findings.cut(ExifReduction.kind(entry.tag))
    }
    findings.cut(.settings)
  }

  /// Notes the directories behind the first: thumbnails, and pages.
  private func noteOthers(
    _ place: UInt64, _ layout: TIFFLayout, _ findings: inout Findings
  ) throws(StructureError) {
    var place = place
    var pages = 1
    var seen: Set<UInt64> = []
    while place != 0, seen.insert(place).inserted, seen.count < Self.mostDirectories {
      guard let other = try? directory(at: place, layout) else { break }
      let isReduced = other[0x00FE].map {
        layout.number($0.bytes[(layout.isBig ? 12 : 8)...].prefix(4)) & 1 == 1
      }
      if isReduced == true {
        findings.cut(.thumbnail)
      } else {
        pages += 1
      }
      place = other.next
    }
    if pages > 1 {
      findings.cut(.secondPicture)
      findings.mend(.firstPicture(of: pages))
    }
  }

  /// Whether `range` lies over another of `kept` than itself.
  private func overlaps(
    _ range: Range<Int64>, _ kept: [Range<Int64>], except own: Int
  ) -> Bool {
    kept.count { $0.overlaps(range) } > own
  }
}
