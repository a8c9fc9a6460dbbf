import Core

/// GIFs of whole blocks, up to their end marker, without XMP. Source: GIF89a specification.
struct PlainGIF {
  private struct Place {
    let left: Int
    let top: Int
    let width: Int
    let height: Int

    func covers(_ other: Place) -> Bool {
      left <= other.left && top <= other.top && left + width >= other.left + other.width
        && top + height >= other.top + other.height
    }
  }

  private let file: PlainBytes
  private var at = 13
  private let canvas: Place
  private var delays: [Int] = []
  private var plays = 1
  private var mayBeClear = false
  private var cleared: Place?
  private var control = (delay: 0, disposal: 0, isClear: false)

  static func facts(_ file: PlainBytes) -> PlainFacts? {
    guard var picture = PlainGIF(file), picture.walk(), !picture.delays.isEmpty else { return nil }
    return PlainFacts(
      width: picture.canvas.width, height: picture.canvas.height, delays: picture.delays,
      plays: picture.plays, hasAlpha: picture.mayBeClear)
  }

  private init?(_ file: PlainBytes) {
    guard file.has("GIF89a", at: 0) || file.has("GIF87a", at: 0), let width = file.little(6, 2),
      let height = file.little(8, 2), let flags = file.byte(10), file.has(0, 13)
    else { return nil }
    self.file = file
    canvas = Place(left: 0, top: 0, width: width, height: height)
    passTable(flags)
  }

  private mutating func passTable(_ flags: UInt8) {
    if flags & 0x80 != 0 { at += 3 << (Int(flags & 7) + 1) }
  }

  private mutating func walk() -> Bool {
    while let type = file.byte(at) {
      at += 1
      switch type {
      case 0x21:
        guard readExtension() else { return false }
      case 0x2C:
        guard readFrame() else { return false }
      case 0x3B: return at == file.count
      default: return false
      }
    }
    return false
  }

  /// Passes over blocks up to the empty one; false where the file ends before.
  private mutating func passBlocks() -> Bool {
    while let count = file.byte(at) {
      at += 1 + Int(count)
      if count == 0 { return true }
    }
    return false
  }

  private mutating func readExtension() -> Bool {
    guard let function = file.byte(at) else { return false }
    at += 1
    switch function {
    case 0xF9:
      guard file.byte(at) == 4, let flags = file.byte(at + 1), let delay = file.little(at + 2, 2),
        file.byte(at + 5) == 0
      else { return false }
      control = (delay, Int(flags >> 2 & 7), flags & 1 == 1)
      at += 6
      return true
    case 0xFF:
      guard file.byte(at) == 11 else { return false }
      let isLoop = file.has("NETSCAPE2.0", at: at + 1) || file.has("ANIMEXTS1.0", at: at + 1)
      if isLoop {
        guard file.byte(at + 12) == 3, file.byte(at + 13) == 1, let count = file.little(at + 14, 2),
          file.byte(at + 16) == 0
        else { return false }
        plays = count == 0 ? 0 : count + 1
      } else if file.has("XMP", at: at + 1) {
        return false
      }
      return passBlocks()
    case 0xFE: return passBlocks()
    default: return false
    }
  }

  private mutating func readFrame() -> Bool {
    guard let left = file.little(at, 2), let top = file.little(at + 2, 2),
      let width = file.little(at + 4, 2), let height = file.little(at + 6, 2),
      let flags = file.byte(at + 8), width > 0, height > 0
    else { return false }
    let place = Place(left: left, top: top, width: width, height: height)
    at += 9
    passTable(flags)
    guard let bits = file.byte(at), (1...8).contains(bits),
      file.byte(at + 1).map({ $0 > 0 }) == true
    else { return false }
    at += 1
    let isFirst = delays.isEmpty
    // One that makes the canvas larger is remarked.
    guard !isFirst || canvas.covers(place), passBlocks() else { return false }
    if isFirst {
      mayBeClear = control.isClear || !place.covers(canvas)
    } else if let cleared, control.isClear || !place.covers(cleared) {
      mayBeClear = true
    }
    // Bringing back what was before the first frame clears the canvas.
    cleared = control.disposal == 2 || control.disposal == 3 && isFirst ? place : nil
    delays.append(control.delay * 10)
    control = (0, 0, false)
    return true
  }
}
