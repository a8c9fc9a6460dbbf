/// The layout of a TIFF file's first picture, by its own tags.
/// Source: TIFF 6.0, sections 2 and 8 and the tags of each section; BigTIFF of the libtiff project;
/// TIFF Technical Note 5 for ICCLab, RFC 2301 for ITULab.
struct TIFFStructure {
  /// What a sample is: tag 339.
  enum SampleFormat: Int {
    case unsigned = 1
    case signed = 2
    case float = 3
    case undefined = 4
    case complexInteger = 5
    case complexFloat = 6
  }

  /// Bits of each sample.
  private(set) var bits = [1]
  /// What a sample is.
  private(set) var format = SampleFormat.unsigned
  /// How samples are to be understood, by the number of tag 262.
  private(set) var photometric = 1
  /// How strips are compressed, by the number of tag 259.
  private(set) var compression = 1
  /// Samples a pixel.
  private(set) var samples = 1
  /// What the samples beyond the colours are: 0 not said, 1 premultiplied opacity, 2 opacity.
  private(set) var extras: [Int] = []
  /// The first thing that makes the picture unreadable.
  private(set) var flaw: Flaw?

  private let file: FileWindow
  private let littleEndian: Bool
  private let isBig: Bool
  private var inks = 1
  private var isPlanar = false
  private var isTiled = false
  /// How many pixels share a chroma sample, across and down.
  private var sampling = [2, 2]
  private var palette: Field?
  private var offsets: Field?
  private var counts: Field?

  /// One entry of the directory.
  private struct Field {
    let type: Int
    let count: Int
    /// Where the values stand.
    let offset: Int
  }

  /// Reads the directory of the file at `path`; nil where it cannot be opened.
  init?(_ path: String) {
    guard let file = FileWindow(path), let order = file.name(at: 0, count: 2) else { return nil }
    self.file = file
    littleEndian = order == "II"
    isBig = file.number(at: 2, count: 2, littleEndian: order == "II") == 43
    readDirectory()
    flaw = flaw ?? unsupported.map { Flaw(.unsupported, "a TIFF of \($0)") } ?? missing
  }

  /// How many samples of a pixel are colours, as libvips gives them.
  var colors: Int {
    switch photometric {
    case 0, 1: 1
    case 5: 4
    default: 3
    }
  }

  /// Whether the colours were multiplied by the opacity.
  var isPremultiplied: Bool { extras.first == 1 }

  private func number(_ at: Int, _ count: Int) -> Int? {
    file.number(at: at, count: count, littleEndian: littleEndian)
  }

  private mutating func readDirectory() {
    let (start, wide) = isBig ? (number(8, 8), 8) : (number(4, 4), 4)
    let counted = isBig ? 8 : 2
    let entry = isBig ? 20 : 12
    guard let start, let count = number(start, counted) else {
      flaw = Flaw(.cutOff, "its directory lies past the end of the file, at byte \(file.size)")
      return
    }
    guard count <= 4_096 else {
      flaw = Flaw(.damaged, "its directory at byte \(start) says that it has \(count) entries")
      return
    }
    for index in 0..<count {
      let at = start + counted + index * entry
      guard let tag = number(at, 2), let type = number(at + 2, 2), let amount = number(at + 4, wide)
      else {
        flaw = Flaw(.cutOff, "the file ends at byte \(file.size), inside its directory")
        return
      }
      let place = at + 4 + wide
      let (length, overflows) = Self.length(type).multipliedReportingOverflow(by: amount)
      guard !overflows, let offset = length <= wide ? place : number(place, wide) else { continue }
      note(tag, Field(type: type, count: amount, offset: offset))
    }
  }

  private mutating func note(_ tag: Int, _ field: Field) {
    let first = value(field, 0)
    switch tag {
    case 258:
      bits = values(field)
      if bits.isEmpty {
        flaw = flaw ?? Flaw(.damaged, "its bits a sample (tag 258) cannot be found")
      }
    case 259: compression = first ?? 1
    case 262: photometric = first ?? 1
    case 273, 324: offsets = field
    case 277: samples = first ?? 1
    case 279, 325: counts = field
    case 284: isPlanar = first == 2
    case 320: palette = field
    case 322: isTiled = true
    case 332: inks = first ?? 1
    case 338: extras = values(field)
    case 530: sampling = values(field)
    case 339: format = first.flatMap(SampleFormat.init) ?? .unsigned
    default: break
    }
  }

  private func values(_ field: Field) -> [Int] {
    (0..<min(field.count, 64)).compactMap { value(field, $0) }
  }

  private func value(_ field: Field, _ index: Int) -> Int? {
    let length = Self.length(field.type)
    guard index < field.count, [3, 4, 16, 1].contains(field.type) else { return nil }
    let (at, overflows) = field.offset.addingReportingOverflow(index * length)
    return overflows ? nil : number(at, length)
  }

  /// Bytes of one value of a field's type.
  private static func length(_ type: Int) -> Int {
    switch type {
    case 3, 8: 2
    case 4, 9, 11, 13: 4
    case 5, 10, 12, 16, 17, 18: 8
    default: 1
    }
  }

  /// The strips or tiles that lie behind the end of the file.
  private var missing: Flaw? {
    guard let offsets, let counts, offsets.count == counts.count else { return nil }
    let total = min(offsets.count, 1 << 20)
    let beyond = (0..<total).count { index in
      guard let offset = value(offsets, index), let count = value(counts, index) else {
        return true
      }
      return offset > file.size - min(count, file.size)
    }
    guard beyond > 0 else { return nil }
    return Flaw(
      .cutOff,
      "\(beyond) of its \(total) strips or tiles run past the end of the file, at byte "
        + "\(file.size)")
  }

  /// Whether samples are luma and chroma, which libvips hands out as they are stored.
  var isYCbCr: Bool { photometric == 6 && ![6, 7].contains(compression) }

  /// Whether the colours of the palette are from 0 to 255 and not to 65535, as some programs write it.
  private var hasEightBitPalette: Bool {
    guard let palette, palette.count <= 768 else { return false }
    let most = (0..<palette.count).compactMap { value(palette, $0) }.max() ?? 0
    return most > 0 && most < 256
  }

  /// The name of a layout that is not read; nil for one that is.
  private var unsupported: String? {
    if isPlanar, isTiled { return "separate planes in tiles" }
    guard let depth = bits.first, bits.allSatisfy({ $0 == depth }) else {
      guard bits.count <= 5 else { return "samples of different depths" }
      return "samples of \(bits.map(String.init).joined(separator: ", ")) bits in one pixel"
    }
    switch format {
    case .signed: return "signed \(depth)-bit samples"
    case .complexInteger, .complexFloat: return "complex numbers"
    case .float where depth != 32: return "\(depth)-bit floating-point samples"
    case .float where isPremultiplied:
      return "floating-point samples with premultiplied opacity"
    case .float where ![0, 1, 2, 8].contains(photometric):
      return "floating-point samples in another space than gray, RGB and Lab"
    case .float where photometric == 0: return "floating-point samples in which 0 is white"
    case .float, .unsigned, .undefined: break
    }
    let depths =
      [0, 1, 3].contains(photometric) && samples == 1 ? [1, 2, 4, 8, 16, 32] : [8, 16, 32]
    guard depths.contains(depth) else { return "\(depth)-bit samples" }
    if depth == 32, format != .float, isPremultiplied {
      return "32-bit samples with premultiplied opacity"
    }
    return unsupportedSpace(depth)
  }

  private func unsupportedSpace(_ depth: Int) -> String? {
    switch photometric {
    case 0, 1, 2: return nil
    case 3:
      if hasEightBitPalette { return "a palette of 8-bit colours" }
      return depth > 8 ? "a palette with \(depth)-bit indices" : nil
    case 4: return "a transparency mask alone"
    case 5:
      if inks != 1 { return "inks that are not cyan, magenta, yellow and black" }
      if depth == 16, isPremultiplied { return "16-bit inks with premultiplied opacity" }
      return samples < 4 ? "fewer than four inks" : nil
    // With JPEG inside, the JPEG decoder gives RGB.
    case 6 where isYCbCr:
      if depth != 8 || isPremultiplied { return "YCbCr samples of \(depth) bits" }
      return sampling == [1, 1] ? nil : "YCbCr samples with fewer of chroma, without JPEG inside"
    case 6: return nil
    case 8, 9, 10:
      if samples < 3 { return "CIE Lab without colours" }
      if isPremultiplied { return "CIE Lab with premultiplied opacity" }
      if depth == 32, format != .float { return "CIE Lab in 32-bit whole numbers" }
      return photometric == 10 && depth != 8 ? "ITU Lab of \(depth)-bit samples" : nil
    case 32_803, 34_892: return "raw camera data"
    case 32_844, 32_845: return "LogLuv samples"
    default: return "samples in an unknown space (photometric \(photometric))"
    }
  }
}
