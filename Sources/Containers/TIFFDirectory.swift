/// The byte order, and the width of places, of a TIFF structure: a file, or the block of a picture's
/// EXIF. Source: TIFF 6.0, section 2; BigTIFF.
struct TIFFLayout: Hashable {
  let isLittle: Bool
  let isBig: Bool

  /// The layout that the first bytes tell, with the place of the first directory; nil for others.
  init?(_ head: [UInt8], first: inout UInt64) {
    guard head.count >= 8 else { return nil }
    switch (head[0], head[1]) {
    case (0x49, 0x49): isLittle = true
    case (0x4D, 0x4D): isLittle = false
    default: return nil
    }
    let version = isLittle ? head[2] : head[3]
    guard (isLittle ? head[3] : head[2]) == 0, [42, 43].contains(version) else { return nil }
    isBig = version == 43
    guard !isBig || head.count >= 16 else { return nil }
    first = isBig ? number(head[8..<16]) : number(head[4..<8])
  }

  func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    isLittle
      ? bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
      : bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
    let big = (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * (count - 1 - $0))) }
    return isLittle ? big.reversed() : big
  }

  /// Bytes of the count of entries, of one entry, and of a place.
  var widths: (count: Int, entry: Int, place: Int) { isBig ? (8, 20, 8) : (2, 12, 4) }

  /// The bytes of one value of a type.
  static func width(_ type: Int) -> UInt64 {
    switch type {
    case 1, 2, 6, 7: 1
    case 3, 8: 2
    case 4, 9, 11, 13: 4
    case 5, 10, 12, 16, 17, 18: 8
    default: 0
    }
  }
}

/// One entry of a directory.
struct TIFFEntry {
  let tag: Int
  let type: Int
  let count: UInt64
  /// The bytes of all values.
  let length: UInt64
  /// Where the values stand, in the entry itself or elsewhere.
  let place: UInt64
  /// Whether they stand in the entry.
  let isInline: Bool
  /// The entry as stored.
  let bytes: [UInt8]
}

/// A directory of a TIFF structure.
struct TIFFDirectory {
  let place: UInt64
  let entries: [TIFFEntry]
  /// Where the place of the next directory stands.
  let linkPlace: UInt64
  /// The next directory; 0 behind the last.
  let next: UInt64

  subscript(tag: Int) -> TIFFEntry? { entries.first { $0.tag == tag } }

  /// The directory at `place` of a structure that `read` gives bytes of.
  init(
    at place: UInt64, _ layout: TIFFLayout, _ read: (UInt64, Int) throws(StructureError) -> [UInt8]
  ) throws(StructureError) {
    let (countWidth, entryWidth, placeWidth) = layout.widths
    let count = layout.number(try read(place, countWidth)[...])
    guard count <= 65_535 else {
      throw StructureError("the TIFF directory at byte \(place) has \(count) entries")
    }
    let start = place + UInt64(countWidth)
    let all = try read(start, Int(count) * entryWidth)
    var entries: [TIFFEntry] = []
    let fields = 4 + placeWidth
    for index in 0..<Int(count) {
      let entry = all[index * entryWidth..<(index + 1) * entryWidth]
      let first = entry.startIndex
      let type = Int(layout.number(entry[first + 2..<first + 4]))
      let number = layout.number(entry[first + 4..<first + fields])
      let (length, overflows) = number.multipliedReportingOverflow(by: TIFFLayout.width(type))
      let isInline = !overflows && length <= UInt64(placeWidth)
      let value = start + UInt64(index * entryWidth + fields)
      entries.append(
        TIFFEntry(
          tag: Int(layout.number(entry[first..<first + 2])), type: type, count: number,
          length: overflows ? .max : length,
          place: isInline ? value : layout.number(entry[(first + fields)...]), isInline: isInline,
          bytes: Array(entry)))
    }
    self.place = place
    self.entries = entries
    linkPlace = start + UInt64(Int(count) * entryWidth)
    // Many writers leave the last link out.
    next = (try? read(linkPlace, placeWidth)).map { layout.number($0[...]) } ?? 0
  }
}
