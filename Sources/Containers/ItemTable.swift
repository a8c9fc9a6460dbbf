/// The items of a HEIF file's `meta` box: what they are, where they lie, how they belong together.
///
/// Source: ISO/IEC 14496-12, section 8.11; ISO/IEC 23008-12.
struct ItemTable {
  struct Item {
    var id: UInt32
    var type: String
    var contentType: String
    var isHidden: Bool
    /// The `infe` box as stored.
    var bytes: [UInt8]
  }

  struct Location {
    var id: UInt32
    var method: UInt8
    var extents: [Range<Int64>]
    /// The entry as stored.
    var bytes: [UInt8]
  }

  struct Reference {
    var type: String
    var from: UInt32
    var to: [UInt32]
  }

  var primary: UInt32 = 0
  var items: [Item] = []
  var locations: [Location] = []
  var references: [Reference] = []
  /// The entries of `ipma` as stored, by item.
  var associations: [(id: UInt32, bytes: [UInt8], properties: [Int])] = []
  /// The bytes before the entries, by type of box: version, flags and sizes.
  var locationHead: [UInt8] = []
  var referenceVersion: UInt8 = 0
  var infoVersion: UInt8 = 0
  var associationHead: [UInt8] = []
  /// The properties' boxes.
  var properties: [ISOBox] = []
  /// The numbers, from 1, of the properties that make an auxiliary picture one of opacity.
  var alphaProperties: Set<Int> = []

  /// A number that is read off.
  struct Cursor {
    let bytes: [UInt8]
    var place = 0

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
    }

    mutating func number(_ count: Int) throws(StructureError) -> UInt64 {
      guard place + count <= bytes.count else {
        throw StructureError("a table of items is cut off")
      }
      defer { place += count }
      return bytes[place..<place + count].reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func text() -> String {
      let end = bytes[place...].firstIndex(of: 0) ?? bytes.count
      defer { place = min(bytes.count, end + 1) }
      return String(decoding: bytes[place..<end], as: UTF8.self)
    }
  }

  /// Reads the tables among `boxes`, the children of a `meta` box.
  init(_ boxes: [ISOBox], _ source: FileBytes) throws(StructureError) {
    for box in boxes {
      switch box.type {
      case "pitm":
        var cursor = Cursor(try box.bytes(source))
        let version = try cursor.number(4) >> 24
        primary = UInt32(try cursor.number(version == 0 ? 2 : 4))
      case "iinf": try readItems(box, source)
      case "iloc": try readLocations(try box.bytes(source), source, boxes)
      case "iref": try readReferences(box, source)
      case "iprp":
        for part in try ISOBox.list(box.content, source) {
          if part.type == "ipco" { try readProperties(part, source) }
          if part.type == "ipma" {
            guard associationHead.isEmpty else {
              throw StructureError("it has several tables of properties")
            }
            try readAssociations(try part.bytes(source))
          }
        }
      default: continue
      }
    }
    guard items.contains(where: { $0.id == primary }) else {
      throw StructureError("it has no primary picture")
    }
  }

  private mutating func readProperties(_ box: ISOBox, _ source: FileBytes) throws(StructureError) {
    properties = try ISOBox.list(box.content, source)
    let alpha = [
      "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", "urn:mpeg:hevc:2015:auxid:1",
      "urn:mpeg:avc:2015:auxid:1",
    ]
    for (index, property) in properties.enumerated() where property.type == "auxC" {
      let bytes = try property.bytes(source, most: 4_096)
      let name = String(decoding: bytes.dropFirst(4).prefix { $0 != 0 }, as: UTF8.self)
      if alpha.contains(name) { alphaProperties.insert(index + 1) }
    }
  }

  private mutating func readItems(_ box: ISOBox, _ source: FileBytes) throws(StructureError) {
    infoVersion = try source.byte(box.body)
    let start = box.body + (infoVersion == 0 ? 6 : 8)
    guard start <= box.range.upperBound else { throw StructureError("a table of items is cut off") }
    for entry in try ISOBox.list(start..<box.range.upperBound, source) where entry.type == "infe" {
      guard items.count < 20_000 else { throw StructureError("it has too many items") }
      let bytes = try entry.bytes(source, most: 1 << 16)
      var cursor = Cursor(bytes)
      let head = try cursor.number(4)
      let version = head >> 24
      guard version >= 2 else { throw StructureError("its items are of an unknown version") }
      let id = UInt32(try cursor.number(version == 2 ? 2 : 4))
      _ = try cursor.number(2)
      let type = ISOBox.name(try cursor.number(4))
      _ = cursor.text()
      items.append(
        Item(
          id: id, type: type, contentType: type == "mime" ? cursor.text() : "",
          isHidden: head & 1 == 1, bytes: ISOBox.made("infe", bytes)))
    }
  }

  private mutating func readLocations(
    _ bytes: [UInt8], _ source: FileBytes, _ boxes: [ISOBox]
  ) throws(StructureError) {
    var cursor = Cursor(bytes)
    let version = try cursor.number(4) >> 24
    let sizes = try cursor.number(2)
    let (offsetSize, lengthSize) = (Int(sizes >> 12 & 15), Int(sizes >> 8 & 15))
    let (baseSize, indexSize) = (Int(sizes >> 4 & 15), version == 0 ? 0 : Int(sizes & 15))
    guard [offsetSize, lengthSize, baseSize, indexSize].allSatisfy({ [0, 4, 8].contains($0) })
    else {
      throw StructureError("its places are of an unknown width")
    }
    let count = try cursor.number(version < 2 ? 2 : 4)
    locationHead = Array(bytes[..<6])
    let data = boxes.first { $0.type == "idat" }?.content
    for _ in 0..<count {
      let start = cursor.place
      let id = UInt32(try cursor.number(version < 2 ? 2 : 4))
      let method = version == 0 ? 0 : UInt8(try cursor.number(2) & 15)
      guard try cursor.number(2) == 0, method < 2, method == 0 || data != nil else {
        throw StructureError("item \(id) lies in a place of an unknown kind")
      }
      let base = try cursor.number(baseSize)
      var extents: [Range<Int64>] = []
      for _ in 0..<(try cursor.number(2)) {
        _ = try cursor.number(indexSize)
        let (place, overflows) = base.addingReportingOverflow(try cursor.number(offsetSize))
        let length = try cursor.number(lengthSize)
        let area = method == 0 ? 0..<source.size : data ?? 0..<0
        guard !overflows, length > 0, length <= UInt64(area.count),
          place <= UInt64(area.count) - length
        else { throw StructureError("item \(id) lies past the end of the file") }
        let first = area.lowerBound + Int64(place)
        extents.append(first..<first + Int64(length))
      }
      locations.append(
        Location(
          id: id, method: method, extents: extents, bytes: Array(bytes[start..<cursor.place])))
    }
  }

  private mutating func readReferences(_ box: ISOBox, _ source: FileBytes) throws(StructureError) {
    referenceVersion = try source.byte(box.body)
    let width = referenceVersion == 0 ? 2 : 4
    for part in try ISOBox.list(box.body + 4..<max(box.body + 4, box.range.upperBound), source) {
      var cursor = Cursor(try part.bytes(source))
      let from = UInt32(try cursor.number(width))
      var to: [UInt32] = []
      for _ in 0..<(try cursor.number(2)) { to.append(UInt32(try cursor.number(width))) }
      references.append(Reference(type: part.type, from: from, to: to))
    }
  }

  private mutating func readAssociations(_ bytes: [UInt8]) throws(StructureError) {
    var cursor = Cursor(bytes)
    let head = try cursor.number(4)
    let width = head & 1 == 1 ? 2 : 1
    associationHead = Array(bytes[..<4])
    for _ in 0..<(try cursor.number(4)) {
      let start = cursor.place
      let id = UInt32(try cursor.number(head >> 24 == 0 ? 2 : 4))
      var properties: [Int] = []
      for _ in 0..<(try cursor.number(1)) {
        properties.append(Int(try cursor.number(width) & (width == 1 ? 0x7F : 0x7FFF)))
      }
      associations.append((id, Array(bytes[start..<cursor.place]), properties))
    }
  }
}

extension ISOBox {
  static func name(_ number: UInt64) -> String {
    String(String.UnicodeScalarView(big(number, 4).map { Unicode.Scalar($0) }))
  }
}
