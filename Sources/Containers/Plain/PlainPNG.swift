import Core

/// PNGs, still or animated, of chunks in their order and with right checksums, without a profile,
/// EXIF and compressed or international text.
/// Source: PNG specification, third edition, chapters 5 and 11.
struct PlainPNG {
  private struct Header {
    let width: Int
    let height: Int
    let depth: Int
    let color: Int
  }

  private let file: PlainBytes
  private let header: Header
  private var paletteSize: Int?
  private var isTransparent = false
  /// How many frames are announced, and how often they are played; nil for a still picture.
  private var announced: (frames: Int, plays: Int)?
  private var delays: [Int] = []
  private var hasPixels = false
  private var isInPixels = false
  /// Whether the frame that came last has pixels.
  private var isFilled = true
  private var mayBeClear = false
  /// Whether the area of a frame is cleared once another one follows.
  private var clears = false
  /// libpng keeps texts, and refuses too many of them.
  private var texts = 0

  static func facts(_ file: PlainBytes) -> PlainFacts? {
    guard var picture = PlainPNG(file) else { return nil }
    return picture.walk() ? picture.facts : nil
  }

  private init?(_ file: PlainBytes) {
    let depths: [Int: [Int]] = [
      0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
    ]
    guard file.byte(0) == 0x89, file.has("PNG\r\n\u{1A}\n", at: 1),
      file.big(8, 4) == 13, file.name(12) == "IHDR", let width = file.big(16, 4),
      let height = file.big(20, 4), let depth = file.big(24, 1), let color = file.big(25, 1),
      depths[color]?.contains(depth) == true, file.big(26, 2) == 0,
      file.byte(28).map({ $0 < 2 }) == true
    else { return nil }
    self.file = file
    header = Header(width: width, height: height, depth: depth, color: color)
  }

  private var facts: PlainFacts? {
    guard hasPixels, isFilled, header.color != 3 || paletteSize != nil else { return nil }
    guard announced.map({ $0.frames == delays.count && $0.frames > 0 }) ?? delays.isEmpty else {
      return nil
    }
    return PlainFacts(
      width: header.width, height: header.height, delays: delays, plays: announced?.plays ?? 1,
      hasAlpha: header.color >= 4 || isTransparent || mayBeClear,
      colorModel: header.color == 0 || header.color == 4 ? .gray : .rgb,
      bitDepth: max(8, header.depth))
  }

  private mutating func walk() -> Bool {
    var at = 8
    while let length = file.big(at, 4), let name = file.name(at + 4) {
      guard file.has(at, length + 12),
        file.big(at + 8 + length, 4) == Int(CRC32.of(file.all, at + 4..<at + 8 + length))
      else { return false }
      if name == "IEND" { return length == 0 && at + 12 == file.count }
      guard isPlain(name, at + 8, length, isFirst: at == 8) else { return false }
      isInPixels = name == "IDAT"
      at += 12 + length
    }
    return false
  }

  private mutating func isPlain(_ name: String, _ at: Int, _ length: Int, isFirst: Bool) -> Bool {
    switch name {
    case "IHDR": return isFirst
    case "PLTE":
      guard paletteSize == nil, !hasPixels, !isTransparent, header.color & 3 != 0,
        header.color != 4, length > 0, length % 3 == 0, length <= 768,
        header.color != 3 || length / 3 <= 1 << header.depth
      else { return false }
      paletteSize = length / 3
      return true
    case "tRNS":
      let wanted: Int? =
        switch header.color {
        case 0: 2
        case 2: 6
        case 3: paletteSize.map { min($0, length) }
        default: nil
        }
      guard !isTransparent, !hasPixels, length > 0, length == wanted else { return false }
      isTransparent = true
      return true
    case "IDAT":
      guard isInPixels || !hasPixels else { return false }
      hasPixels = true
      // Pixels before the first frame are a picture of their own.
      isFilled = true
      return announced == nil || !delays.isEmpty
    case "acTL":
      guard announced == nil, !hasPixels, delays.isEmpty, length == 8,
        let frames = file.big(at, 4), let plays = file.big(at + 4, 4)
      else { return false }
      announced = (frames, plays)
      return true
    case "fcTL": return readFrame(at, length)
    case "fdAT":
      isFilled = true
      return hasPixels && length > 4 && delays.count > 1
    case "tEXt":
      texts += 1
      return texts <= 50 && length > 0 && !file.has("XML", at: at) && !file.has("Raw", at: at)
    case "sRGB", "gAMA", "cHRM", "pHYs", "sBIT", "bKGD", "tIME": return length <= 32
    default: return false
    }
  }

  private mutating func readFrame(_ at: Int, _ length: Int) -> Bool {
    guard announced != nil, isFilled, length == 26, let width = file.big(at + 4, 4),
      let height = file.big(at + 8, 4), let left = file.big(at + 12, 4),
      let top = file.big(at + 16, 4), let shown = file.big(at + 20, 2),
      let parts = file.big(at + 22, 2), let disposal = file.big(at + 24, 1), disposal < 3,
      let blending = file.big(at + 25, 1), blending < 2, width > 0, height > 0,
      left + width <= header.width, top + height <= header.height
    else { return false }
    let isFirst = delays.isEmpty
    let covers = width == header.width && height == header.height
    guard !isFirst || covers && !hasPixels else { return false }
    mayBeClear = mayBeClear || clears
    clears = disposal == 1 || disposal == 2 && isFirst
    delays.append(shown * 1_000 / (parts == 0 ? 100 : parts))
    isFilled = false
    return true
  }
}
