/// The few facts of an ICC profile that decide what happens to it. Source: ICC.1:2022.
package struct ICCProfile: Sendable {
  private let bytes: [UInt8]

  /// A profile's bytes; nil when they are too short to be one.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count >= 132 else { return nil }
    self.bytes = bytes
  }

  /// The kind of samples that the profile describes; header bytes 16 to 19.
  package var model: ColorModel {
    switch text(16, 4) {
    case "RGB ": .rgb
    case "GRAY": .gray
    case "CMYK": .cmyk
    default: .other
    }
  }

  /// Whether it describes sRGB, so that a conversion would only add rounding errors.
  package var isSRGB: Bool {
    model == .rgb && Media.namesSRGB(name)
  }

  /// The description tag, or a placeholder when it has none that can be read.
  package var name: String {
    guard let tag = tag("desc") else { return "unnamed profile" }
    let name =
      switch text(tag.lowerBound, 4) {
      case "desc": oldDescription(tag)
      case "mluc": localizedDescription(tag)
      default: ""
      }
    return name.isEmpty ? "unnamed profile" : name
  }

  /// The bytes of a tag, found through the table behind the header.
  private func tag(_ signature: String) -> Range<Int>? {
    let count = min(number(128), 100)
    for index in 0..<count where text(132 + 12 * index, 4) == signature {
      let offset = number(136 + 12 * index)
      let length = number(140 + 12 * index)
      guard offset + length <= bytes.count, length >= 12 else { return nil }
      return offset..<offset + length
    }
    return nil
  }

  /// Version 2: a count and that many ASCII characters.
  private func oldDescription(_ tag: Range<Int>) -> String {
    let start = tag.lowerBound + 12
    return text(start, min(number(tag.lowerBound + 8), tag.upperBound - start))
  }

  /// Version 4: records of language, country, length and offset; the first one is taken.
  private func localizedDescription(_ tag: Range<Int>) -> String {
    let start = tag.lowerBound + number(tag.lowerBound + 24)
    let end = start + number(tag.lowerBound + 20)
    guard number(tag.lowerBound + 8) > 0, start <= end, end <= tag.upperBound else { return "" }
    let units = stride(from: start, to: end - 1, by: 2).map {
      UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
    }
    return String(decoding: units, as: UTF16.self).filter { $0 != "\0" }
  }

  private func number(_ offset: Int) -> Int {
    guard offset >= 0, offset + 4 <= bytes.count else { return 0 }
    return bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  private func text(_ offset: Int, _ count: Int) -> String {
    guard offset >= 0, count > 0, offset + count <= bytes.count else { return "" }
    let characters = bytes[offset..<offset + count].prefix { $0 != 0 }
    return String(decoding: characters, as: UTF8.self)
  }
}
