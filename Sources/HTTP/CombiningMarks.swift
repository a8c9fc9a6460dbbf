/// Limits how many combining marks follow each other in a text.
///
/// Swift compares and hashes texts by canonical equivalence, for which the marks behind a letter are
/// put in order one by one: a run of 16,000, which fits into 32 kB, costs 70 ms for each comparison.
/// What strangers send is therefore held to the Stream-Safe Text Format (Unicode Standard Annex 15,
/// section 13), which allows 30; no language needs as many.
package enum CombiningMarks {
  /// The most that may follow each other.
  package static let limit = 30

  /// Whether `text` keeps to the limit.
  package static func areFew(in text: some StringProtocol) -> Bool {
    // A mark has two bytes or more.
    guard text.utf8.count > 2 * limit else { return true }
    return text.utf8.withContiguousStorageIfAvailable(areFew)
      ?? Array(text.utf8).withUnsafeBufferPointer(areFew)
  }

  /// `text` with a combining grapheme joiner behind every 30 marks, as the Stream-Safe Text Process
  /// has it.
  package static func parted(_ text: String) -> String {
    guard !areFew(in: text) else { return text }
    var result = String.UnicodeScalarView()
    var run = 0
    for scalar in text.unicodeScalars {
      run = isMark(scalar) ? run + 1 : 0
      if run > limit {
        result.append("\u{34F}")
        run = 1
      }
      result.append(scalar)
    }
    return String(result)
  }

  // Only every 32nd byte is looked at: a run that is too long has more than 60.
  private static func areFew(in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var place = 32
    while place < bytes.count {
      var start = beginning(of: place, bytes)
      guard isMark(scalar(at: start, bytes)) else {
        place += 32
        continue
      }
      var count = 0
      while start > 0 {
        let before = beginning(of: start - 1, bytes)
        guard isMark(scalar(at: before, bytes)) else { break }
        start = before
      }
      while start < bytes.count, isMark(scalar(at: start, bytes)) {
        count += 1
        guard count <= limit else { return false }
        start += length(at: start, bytes)
      }
      place = start + 32
    }
    return true
  }

  private static func beginning(of place: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var place = place
    while place > 0, bytes[place] & 0xC0 == 0x80 { place -= 1 }
    return place
  }

  private static func length(at place: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    switch bytes[place] {
    case ..<0xC0: 1
    case ..<0xE0: 2
    case ..<0xF0: 3
    default: 4
    }
  }

  private static func scalar(at place: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar {
    let length = length(at: place, bytes)
    guard length > 1, place + length <= bytes.count else { return " " }
    var value = UInt32(bytes[place] & (0xFF >> UInt8(length + 1)))
    for index in 1..<length { value = value << 6 | UInt32(bytes[place + index] & 0x3F) }
    return Unicode.Scalar(value) ?? " "
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    // Below, there is none.
    scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
  }
}
