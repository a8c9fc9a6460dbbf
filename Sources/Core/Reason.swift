/// What a library or the operating system says about a failure, made fit for the end of a sentence:
/// one short line without paths, never empty.
///
/// Every place that puts such words into a `SwaplineError` goes through it.
public enum Reason {
  /// The most characters that are kept: a sentence with a file's name stays below 300.
  static let length = 140

  /// `detail` where it says something, else `fallback`.
  public static func text(_ detail: String, or fallback: String) -> String {
    let words = detail.split { $0.isWhitespace || $0.isNewline }
      // A path says where a file of our own lies, and whose it is.
      .filter { !$0.contains("/") || $0 == "Input/output" }
    var text = words.joined(separator: " ")
    text = text.filter { !$0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0xFFFD } }
    while let last = text.last, ".:;, ".contains(last) { text.removeLast() }
    guard !text.isEmpty, !saysNothing.contains(where: text.contains) else { return fallback }
    return text.count > length ? text.prefix(length - 1) + "…" : text
  }

  /// A file's name with its middle left out where it would fill the sentence.
  public static func name(_ name: String) -> String {
    name.count <= 100 ? name : "\(name.prefix(60))…\(name.suffix(30))"
  }

  /// A container's four-character name of a part, as it can stand in a sentence: in quotes, or as a
  /// hexadecimal number where it holds more than letters, digits and spaces.
  public static func part(_ name: some Collection<UInt8>) -> String {
    let isPlain = name.allSatisfy { byte in
      switch byte {
      case 0x20, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: false
      }
    }
    guard !isPlain || name.isEmpty else { return "'\(String(decoding: name, as: UTF8.self))'" }
    let digits = name.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "0x" + digits.joined()
  }

  /// What libraries say when they only know that something failed.
  private static let saysNothing = [
    "Operation not permitted", "Invalid data found when processing input", "Invalid argument",
    "Unknown error", "Error number", "Success", "unable to call", "patches welcome",
    "Generic error", "Unspecified", "unable to parse image", "unable to read pixels",
  ]
}
