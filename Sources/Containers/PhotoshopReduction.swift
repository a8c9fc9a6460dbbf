/// Photoshop's block of resources with nothing left but copyright, byline and credit.
///
/// Sources: Adobe Photoshop File Formats Specification (image resource blocks), IPTC IIM 4.2.
struct PhotoshopReduction {
  /// The resources that are kept, without the name of the block; nil where nothing is left.
  let block: [UInt8]?
  /// What is cut.
  let removed: Set<PrivateData>
  /// Whether the block is already nothing but what is kept.
  let isUnchanged: Bool

  /// What is left of the resources of a JPEG's APP13 segments or a TIFF's tag 34377.
  init(_ block: [UInt8]) {
    var kept: [UInt8] = []
    var removed: Set<PrivateData> = []
    var place = 0
    while place + 12 <= block.count, block[place..<place + 4].elementsEqual("8BIM".utf8) {
      let number = Int(block[place + 4]) << 8 | Int(block[place + 5])
      let name = Int(block[place + 6])
      let lengthPlace = place + 6 + (name + 2) / 2 * 2
      guard lengthPlace + 4 <= block.count else { break }
      let length = block[lengthPlace..<lengthPlace + 4].reduce(0) { $0 << 8 | Int($1) }
      let start = lengthPlace + 4
      guard length <= block.count - start else { break }
      let data = Array(block[start..<start + length])
      place = min(block.count, start + (length + 1) / 2 * 2)
      switch number {
      case 0x0404:
        let (records, cut) = Self.records(data)
        removed.formUnion(cut)
        if !records.isEmpty { kept += Self.resource(number, records) }
      // The copyright flag and the address that belongs to it.
      case 0x040A, 0x040B: kept += Self.resource(number, data)
      case 0x0409, 0x040C: removed.insert(.thumbnail)
      // Checksums of what was cut, resolution, and what every file carries.
      case 0x0425, 0x03ED, 0x03F3, 0x0406, 0x0414: continue
      case 0x0422, 0x0423: removed.insert(.settings)
      case 0x0424: removed.insert(.description)
      default: removed.insert(.history)
      }
    }
    if block[place...].contains(where: { $0 != 0 }) { removed.insert(.other) }
    isUnchanged = kept == block
    if !isUnchanged, removed.isEmpty { removed.insert(.software) }
    self.removed = removed
    self.block = kept.isEmpty ? nil : kept
  }

  private static func resource(_ number: Int, _ data: [UInt8]) -> [UInt8] {
    Array("8BIM".utf8) + [UInt8(number >> 8), UInt8(number & 255), 0, 0]
      + (0..<4).map { UInt8(truncatingIfNeeded: data.count >> (24 - 8 * $0)) } + data
      + (data.count % 2 == 1 ? [0] : [])
  }

  /// IPTC records with nothing left but byline, credit, copyright and their characters' coding.
  static func records(_ bytes: [UInt8]) -> (kept: [UInt8], cut: Set<PrivateData>) {
    var (coding, kept): ([UInt8], [UInt8]) = ([], [])
    var cut: Set<PrivateData> = []
    var place = 0
    while place + 5 <= bytes.count, bytes[place] == 0x1C {
      let (record, number) = (bytes[place + 1], bytes[place + 2])
      let length = Int(bytes[place + 3]) << 8 | Int(bytes[place + 4])
      // Longer forms hold pictures and files.
      guard length < 0x8000, place + 5 + length <= bytes.count else {
        cut.insert(.other)
        break
      }
      let whole = Array(bytes[place..<place + 5 + length])
      place += 5 + length
      switch (record, number) {
      case (1, 90): coding += whole
      case (2, 80), (2, 110), (2, 116): kept += whole
      case (2, 0), (1, 0): continue
      case (2, 26), (2, 27), (2, 90...92), (2, 95), (2, 100), (2, 101): cut.insert(.place)
      case (2, 55), (2, 60), (2, 62), (2, 63): cut.insert(.time)
      case (2, 65), (2, 70): cut.insert(.software)
      case (2, 200...202): cut.insert(.thumbnail)
      default: cut.insert(.description)
      }
    }
    return (kept.isEmpty ? [] : coding + kept, cut)
  }
}
