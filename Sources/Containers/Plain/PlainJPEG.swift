import Core

/// JPEGs of one, three or four components of 8 bits, sequential or progressive, which end with their end
/// marker and have no second picture, no XMP and no words of whose they are.
/// Source: ITU-T T.81, annex B.
struct PlainJPEG {
  private let file: PlainBytes
  private var frame: (width: Int, height: Int, components: [UInt8])?
  private var hasScan = false
  private var orientation: Int?
  private var profile: [UInt8] = []
  /// The parts of a profile that were there, and that are to come.
  private var parts = (seen: 0, all: 0)

  static func facts(_ file: PlainBytes) -> PlainFacts? {
    var picture = PlainJPEG(file)
    return picture.walk() ? picture.facts : nil
  }

  private init(_ file: PlainBytes) { self.file = file }

  private var facts: PlainFacts? {
    guard let frame, hasScan, parts.seen == parts.all else { return nil }
    return PlainFacts(
      width: frame.width, height: frame.height,
      colorModel: frame.components.count == 1 ? .gray : frame.components.count == 4 ? .cmyk : .rgb,
      profile: parts.all == 0 ? nil : ICCProfile(profile)?.name ?? "unreadable profile",
      orientation: orientation ?? 1)
  }

  /// Whether every segment is plain, up to the end marker, which is the end of the file.
  private mutating func walk() -> Bool {
    let end = file.count - 2
    guard file.big(0, 2) == 0xFFD8, file.big(end, 2) == 0xFFD9 else { return false }
    var at = 2
    while at < end {
      guard file.byte(at) == 0xFF, let code = file.byte(at + 1), let length = file.big(at + 2, 2),
        length >= 2, at + 2 + length <= end
      else { return false }
      let body = at + 4..<at + 2 + length
      guard isPlain(code, body) else { return false }
      at = body.upperBound
      if code == 0xDA {
        guard let next = endOfScan(from: at) else { return false }
        at = next
      }
    }
    return at == end
  }

  private mutating func isPlain(_ code: UInt8, _ body: Range<Int>) -> Bool {
    switch code {
    case 0xC0, 0xC1, 0xC2: readFrame(body)
    case 0xC4: areHuffmanTables(body)
    case 0xDB: areQuantizationTables(body)
    case 0xDD: body.count == 2
    case 0xDA: readScan(body)
    case 0xE1: !hasScan && readEXIF(body)
    case 0xE2: !hasScan && readProfile(body)
    case 0xE0, 0xE3...0xEF, 0xFE: true
    default: false
    }
  }

  private mutating func readFrame(_ body: Range<Int>) -> Bool {
    let at = body.lowerBound
    guard frame == nil, file.byte(at) == 8, let height = file.big(at + 1, 2),
      let width = file.big(at + 3, 2), let count = file.byte(at + 5).map(Int.init),
      [1, 3, 4].contains(count), body.count == 6 + 3 * count
    else { return false }
    var components: [UInt8] = []
    for place in stride(from: at + 6, to: body.upperBound, by: 3) {
      guard let name = file.byte(place), let sampling = file.byte(place + 1),
        let table = file.byte(place + 2), !components.contains(name), table < 4,
        (1...4).contains(sampling >> 4), (1...4).contains(sampling & 15)
      else { return false }
      components.append(name)
    }
    frame = (width, height, components)
    return true
  }

  private mutating func readScan(_ body: Range<Int>) -> Bool {
    let at = body.lowerBound
    guard let frame, let count = file.byte(at).map(Int.init), count >= 1,
      count <= frame.components.count, body.count == 4 + 2 * count
    else { return false }
    hasScan = true
    return (0..<count).allSatisfy { number in
      file.byte(at + 1 + 2 * number).map(frame.components.contains) == true
    }
  }

  /// The place of the marker behind the pixels that begin at `start`.
  private func endOfScan(from start: Int) -> Int? {
    var at = start
    while let found = file.find(0xFF, from: at), let code = file.byte(found + 1) {
      guard code == 0 || (0xD0...0xD7).contains(code) else { return found }
      at = found + 2
    }
    return nil
  }

  private func areHuffmanTables(_ body: Range<Int>) -> Bool {
    var at = body.lowerBound
    while at < body.upperBound {
      guard let kind = file.byte(at), kind & 0xEC == 0, file.has(at + 1, 16) else { return false }
      let codes = file.all[at + 1..<at + 17].reduce(0) { $0 + Int($1) }
      guard codes <= 256 else { return false }
      at += 17 + codes
    }
    return at == body.upperBound
  }

  private func areQuantizationTables(_ body: Range<Int>) -> Bool {
    var at = body.lowerBound
    while at < body.upperBound {
      guard let kind = file.byte(at), kind & 0xEC == 0 else { return false }
      at += kind >> 4 == 0 ? 65 : 129
    }
    return at == body.upperBound
  }

  private mutating func readProfile(_ body: Range<Int>) -> Bool {
    let at = body.lowerBound
    guard file.has("ICC_PROFILE\0", at: at), body.count > 14,
      let number = file.byte(at + 12).map(Int.init), let all = file.byte(at + 13).map(Int.init),
      number == parts.seen + 1, parts.all == 0 || parts.all == all, (number...10).contains(all)
    else { return false }
    parts = (number, all)
    profile += file.all[at + 14..<body.upperBound]
    return true
  }

  private mutating func readEXIF(_ body: Range<Int>) -> Bool {
    guard orientation == nil, file.has("Exif\0\0", at: body.lowerBound), body.count > 14 else {
      return false
    }
    orientation = PlainEXIF.orientation(Array(file.all[body.lowerBound + 6..<body.upperBound]))
    return orientation != nil
  }
}
