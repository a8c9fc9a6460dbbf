import Core

/// A picture's EXIF with nothing left but how it is turned, whose it is, its resolution and the
/// colour space of cameras that embed no profile.
///
/// Source: CIPA DC-008-2019 (Exif 2.32); the numbers of tags are from there.
struct ExifReduction {
  /// The TIFF structure that is kept; nil where nothing is left.
  private(set) var block: [UInt8]?
  /// What is cut.
  private(set) var removed: Set<PrivateData> = []
  /// Whether the block is already nothing but what is kept.
  private(set) var isUnchanged = false
  /// Whether copyright or artist is kept.
  private(set) var hasRights = false

  private static let baseTags: Set<Int> = [0x0112, 0x011A, 0x011B, 0x0128, 0x013B, 0x8298]
  /// Tags without which readers complain and that say nothing.
  private static let silent: Set<Int> = [
    0x0213, 0x9000, 0x9101, 0xA000, 0xA002, 0xA003, 0x8769, 0x8825, 0xA005, 0x0100, 0x0101, 0x0103,
    0x0201, 0x0202, 0xA001,
  ]

  /// What is left of `block`, which begins with its byte order.
  init(_ block: [UInt8]) {
    var first: UInt64 = 0
    guard let layout = TIFFLayout(block, first: &first), !layout.isBig else {
      if !block.allSatisfy({ $0 == 0 }) { removed = [.other] }
      return
    }
    let read = { (place: UInt64, count: Int) throws(StructureError) -> [UInt8] in
      guard place <= UInt64(block.count), count <= block.count - Int(place) else {
        throw StructureError("an EXIF directory runs past the end of its block")
      }
      return Array(block[Int(place)..<Int(place) + count])
    }
    guard let base = try? TIFFDirectory(at: first, layout, read) else {
      removed = [.other]
      return
    }
    var writer = Writer(layout: layout)
    // What directories and their values take, to tell what lies between them.
    var accounted = 8 + Self.room(base)
    func value(_ entry: TIFFEntry) -> [UInt8]? {
      guard entry.length <= 65_535 else { return nil }
      return try? read(entry.place, Int(entry.length))
    }
    for entry in base.entries {
      guard Self.baseTags.contains(entry.tag), let bytes = value(entry),
        Self.isSound(entry, layout, bytes)
      else {
        note(entry)
        continue
      }
      if entry.tag == 0x013B || entry.tag == 0x8298 {
        guard bytes.contains(where: { $0 > 32 }) else { continue }
        hasRights = true
      }
      writer.base.append((entry, bytes))
    }
    if base.next != 0, let second = try? TIFFDirectory(at: base.next, layout, read),
      !second.entries.isEmpty
    {
      removed.insert(.thumbnail)
    }
    if let pointer = base[0x8769], let bytes = value(pointer),
      let exif = try? TIFFDirectory(at: layout.number(bytes[...]), layout, read)
    {
      for entry in exif.entries where entry.tag != 0xA001 { note(entry) }
      accounted += Self.room(exif)
      if let space = exif[0xA001], let bytes = value(space), space.type == 3, space.count == 1 {
        writer.colorSpace = (space, bytes)
      }
      if let pointer = exif[0xA005], let bytes = value(pointer),
        let interoperability = try? TIFFDirectory(at: layout.number(bytes[...]), layout, read)
      {
        accounted += Self.room(interoperability)
        let name = interoperability[1].flatMap(value)
        writer.isAdobeRGB = name?.starts(with: Array("R03".utf8)) == true
      }
    }
    if let pointer = base[0x8825], let bytes = value(pointer) {
      let gps = try? TIFFDirectory(at: layout.number(bytes[...]), layout, read)
      accounted += gps.map(Self.room) ?? 0
      // A version alone tells no place.
      if gps?.entries.contains(where: { $0.tag != 0 }) != false { removed.insert(.place) }
    }
    self.block = writer.block
    isUnchanged = removed.isEmpty && (block == writer.block || block.count <= accounted + 64)
    if isUnchanged { self.block = block }
    if !isUnchanged, removed.isEmpty { removed = [.leftover] }
  }

  private static func room(_ directory: TIFFDirectory) -> Int {
    directory.entries.reduce(6) { sum, entry in
      sum + 12 + (entry.isInline ? 0 : Int(min(entry.length, 1 << 20)) + 1)
    }
  }

  /// A kept value must be what it says it is.
  private static func isSound(_ entry: TIFFEntry, _ layout: TIFFLayout, _ bytes: [UInt8]) -> Bool {
    switch entry.tag {
    case 0x0112:
      entry.type == 3 && entry.count == 1 && (1...8).contains(layout.number(bytes[...]))
    case 0x0128: entry.type == 3 && entry.count == 1
    case 0x011A, 0x011B: entry.type == 5 && entry.count == 1
    default: entry.type == 2 && entry.length <= 4_000
    }
  }

  private mutating func note(_ entry: TIFFEntry) {
    if !Self.silent.contains(entry.tag) { removed.insert(Self.kind(entry.tag)) }
  }

  /// What a tag is about.
  static func kind(_ tag: Int) -> PrivateData {
    switch tag {
    case 0x8825: .place
    case 0x0132, 0x9003, 0x9004, 0x9010...0x9012, 0x9290...0x9292, 0x882A: .time
    case 0xA431, 0xA435, 0xA420, 0xC62F, 0xC65D, 0xC6D2: .serialNumber
    case 0x010F, 0x0110, 0xA433, 0xA434, 0xC614, 0xC615: .device
    case 0xA430, 0x013C, 0x9C9D: .owner
    case 0x0201, 0x0202, 0x014A: .thumbnail
    case 0x927C, 0xC634: .makerNote
    case 0x0131, 0x000B: .software
    case 0x010D, 0x010E, 0x011D, 0x4746, 0x4749, 0x9C9B, 0x9C9E, 0x9C9F: .description
    case 0x9286, 0x9C9C: .comment
    case 0x02BC, 0x83BB, 0x8649: .description
    case 0x829A...0x9402, 0x9209, 0xA001...0xA432, 0xA500: .settings
    default: .other
    }
  }

  /// Writes a new structure of the same byte order.
  private struct Writer {
    let layout: TIFFLayout
    var base: [(TIFFEntry, [UInt8])] = []
    var colorSpace: (TIFFEntry, [UInt8])?
    var isAdobeRGB = false

    var block: [UInt8]? {
      // An uncalibrated space without that mark, or sRGB, is what readers assume anyway.
      let keepsSpace = isAdobeRGB && colorSpace != nil
      guard !base.isEmpty || keepsSpace else { return nil }
      var bytes: [UInt8] = layout.isLittle ? [0x49, 0x49, 42, 0] : [0x4D, 0x4D, 0, 42]
      bytes += layout.bytes(8, 4)
      var entries = base.map { (tag: $0.tag, type: $0.type, count: $0.count, bytes: $1) }
      if keepsSpace { entries.append((0x8769, 4, 1, [])) }
      entries.sort { $0.tag < $1.tag }
      let pointer = write(entries, &bytes)
      guard keepsSpace, let pointer, let space = colorSpace else { return bytes }
      bytes.replaceSubrange(pointer..<pointer + 4, with: layout.bytes(UInt64(bytes.count), 4))
      let inner = write(
        [(0xA001, 3, 1, space.1), (tag: 0xA005, type: 4, count: 1, bytes: [])], &bytes)
      guard let inner else { return bytes }
      bytes.replaceSubrange(inner..<inner + 4, with: layout.bytes(UInt64(bytes.count), 4))
      _ = write([(1, 2, 4, Array("R03\0".utf8))], &bytes)
      return bytes
    }

    /// Appends a directory; the place of the value of the entry that has none yet.
    private func write(
      _ entries: [(tag: Int, type: Int, count: UInt64, bytes: [UInt8])], _ bytes: inout [UInt8]
    ) -> Int? {
      var pointer: Int?
      bytes += layout.bytes(UInt64(entries.count), 2)
      var data: [UInt8] = []
      let behind = bytes.count + entries.count * 12 + 4
      for entry in entries {
        bytes += layout.bytes(UInt64(entry.tag), 2) + layout.bytes(UInt64(entry.type), 2)
        bytes += layout.bytes(entry.count, 4)
        if entry.bytes.isEmpty {
          pointer = bytes.count
          bytes += [0, 0, 0, 0]
        } else if entry.bytes.count <= 4 {
          bytes += entry.bytes + [UInt8](repeating: 0, count: 4 - entry.bytes.count)
        } else {
          bytes += layout.bytes(UInt64(behind + data.count), 4)
          data += entry.bytes
          if data.count % 2 == 1 { data.append(0) }
        }
      }
      bytes += [0, 0, 0, 0] + data
      return pointer
    }
  }
}
