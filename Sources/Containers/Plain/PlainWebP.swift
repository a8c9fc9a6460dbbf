import Core

/// WebPs, still or animated, that hold pixels and nothing beside them but, in still ones, a profile and EXIF
/// that says nothing of whose they are. Source: RFC 9649; RFC 6386, section 9.1.
struct PlainWebP {
  /// The picture of a chunk.
  private struct Picture {
    var width: Int
    var height: Int
    var hasAlpha: Bool
  }

  private let file: PlainBytes

  static func facts(_ file: PlainBytes) -> PlainFacts? {
    guard file.has("RIFF", at: 0), file.has("WEBP", at: 8), file.count.isMultiple(of: 2),
      file.little(4, 4) == file.count - 8
    else { return nil }
    let picture = PlainWebP(file: file)
    if file.name(12) == "VP8X" { return picture.extended() }
    guard let simple = picture.picture(in: 12..<file.count, mayHaveAlpha: false) else { return nil }
    return PlainFacts(width: simple.width, height: simple.height, hasAlpha: simple.hasAlpha)
  }

  /// The contents of the chunk at `place`, and where the next one begins; nil where it does not end
  /// before `end`.
  private func chunk(at place: Int, _ end: Int) -> (body: Range<Int>, next: Int)? {
    guard place <= end - 8, let length = file.little(place + 4, 4), length <= end - place - 8 else {
      return nil
    }
    let body = place + 8..<place + 8 + length
    let next = body.upperBound + length % 2
    return next <= end ? (body, next) : nil
  }

  /// The picture that `range` holds, with the chunk of its opacity where it may have one.
  private func picture(in range: Range<Int>, mayHaveAlpha: Bool) -> Picture? {
    var place = range.lowerBound
    var hasAlpha = false
    if mayHaveAlpha, file.name(place) == "ALPH" {
      guard let alpha = chunk(at: place, range.upperBound), alpha.body.count > 1 else { return nil }
      hasAlpha = true
      place = alpha.next
    }
    guard let name = file.name(place), let (body, next) = chunk(at: place, range.upperBound),
      next == range.upperBound
    else { return nil }
    let at = body.lowerBound
    switch name {
    case "VP8 ":
      guard body.count > 10, let tag = file.little(at, 3), tag & 1 == 0, tag >> 1 & 7 <= 3,
        tag >> 4 & 1 == 1, tag >> 5 < body.count, file.big(at + 3, 3) == 0x9D012A,
        let width = file.little(at + 6, 2), let height = file.little(at + 8, 2)
      else { return nil }
      return Picture(width: width & 0x3FFF, height: height & 0x3FFF, hasAlpha: hasAlpha)
    case "VP8L":
      guard !hasAlpha, body.count > 5, file.byte(at) == 0x2F, let bits = file.little(at + 1, 4),
        bits >> 29 == 0
      else { return nil }
      return Picture(
        width: bits & 0x3FFF + 1, height: bits >> 14 & 0x3FFF + 1, hasAlpha: bits >> 28 & 1 == 1)
    default: return nil
    }
  }

  /// The flags of a file that has a profile, opacity, EXIF, frames.
  private enum Flags {
    static let profile: UInt8 = 0x20
    static let alpha: UInt8 = 0x10
    static let exif: UInt8 = 0x08
    static let frames: UInt8 = 0x02
  }

  private func extended() -> PlainFacts? {
    guard let (body, next) = chunk(at: 12, file.count), body.count == 10,
      let flags = file.byte(body.lowerBound), let width = file.little(body.lowerBound + 4, 3),
      let height = file.little(body.lowerBound + 7, 3), file.big(body.lowerBound + 1, 3) == 0
    else { return nil }
    var facts = PlainFacts(width: width + 1, height: height + 1)
    if flags & ~Flags.alpha == Flags.frames { return frames(from: next, &facts) ? facts : nil }
    guard flags & ~(Flags.profile | Flags.alpha | Flags.exif) == 0 else { return nil }
    var range = next..<file.count
    if flags & Flags.profile != 0 {
      guard file.name(next) == "ICCP", let (body, first) = chunk(at: next, file.count) else {
        return nil
      }
      facts.profile = ICCProfile(Array(file.all[body]))?.name ?? "unreadable profile"
      range = first..<file.count
    }
    if flags & Flags.exif != 0 {
      guard let exif = last(in: range, "EXIF"),
        let orientation = orientation(exif.body)
      else { return nil }
      facts.orientation = orientation
      range = range.lowerBound..<exif.place
    }
    let picture = picture(in: range, mayHaveAlpha: true)
    guard let picture, picture.width == facts.width, picture.height == facts.height,
      picture.hasAlpha == (flags & Flags.alpha != 0)
    else { return nil }
    facts.hasAlpha = picture.hasAlpha
    return facts
  }

  /// Some writers put the name in front that the block has in a JPEG.
  private func orientation(_ body: Range<Int>) -> Int? {
    let hasName = file.has("Exif\0\0", at: body.lowerBound) && body.count > 14
    return PlainEXIF.orientation(Array(file.all[body.dropFirst(hasName ? 6 : 0)]))
  }

  /// The chunk called `name` that ends `range`, and where it begins; nil where another one does.
  private func last(in range: Range<Int>, _ name: String) -> (place: Int, body: Range<Int>)? {
    var place = range.lowerBound
    while let (body, next) = chunk(at: place, range.upperBound) {
      if next == range.upperBound { return file.name(place) == name ? (place, body) : nil }
      place = next
    }
    return nil
  }

  /// Whether the chunks from `start` on are the frames of an animation.
  private func frames(from start: Int, _ facts: inout PlainFacts) -> Bool {
    guard file.name(start) == "ANIM", let (control, first) = chunk(at: start, file.count),
      control.count == 6, let plays = file.little(control.lowerBound + 4, 2)
    else { return false }
    facts.plays = plays
    var place = first
    var clears = false
    while place < file.count {
      guard file.name(place) == "ANMF", let (body, next) = chunk(at: place, file.count),
        body.count > 16
      else { return false }
      let at = body.lowerBound
      guard let left = file.little(at, 3), let top = file.little(at + 3, 3),
        let width = file.little(at + 6, 3).map({ $0 + 1 }),
        let height = file.little(at + 9, 3).map({ $0 + 1 }), let delay = file.little(at + 12, 3),
        let flags = file.byte(at + 15), flags < 4, 2 * left + width <= facts.width,
        2 * top + height <= facts.height,
        let picture = picture(in: at + 16..<body.upperBound, mayHaveAlpha: true),
        picture.width == width, picture.height == height
      else { return false }
      let isFirst = facts.delays.isEmpty
      let covers = width == facts.width && height == facts.height
      // A frame with opacity takes the place of what is there, or is mixed with it.
      let replaces = isFirst || flags & 2 != 0
      facts.hasAlpha =
        facts.hasAlpha || clears || isFirst && !covers || replaces && picture.hasAlpha
      clears = flags & 1 != 0
      facts.delays.append(delay)
      place = next
    }
    return !facts.delays.isEmpty
  }
}
