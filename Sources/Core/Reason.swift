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

  /// What libraries say when they only know that something failed.
  private static let saysNothing = [
    "Operation not permitted", "Invalid data found when processing input", "Invalid argument",
    "Unknown error", "Error number", "Success", "unable to call", "patches welcome",
    "Generic error", "Unspecified", "unable to parse image", "unable to read pixels",
  ]
}
