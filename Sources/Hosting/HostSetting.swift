/// Something about a host that can be set, with a text as its value.
package struct HostSetting: Sendable {
  /// The name in pipeline files.
  package let name: String
  /// What it does.
  package let summary: String
  /// Whether the host cannot be used without it.
  package let isRequired: Bool
  /// The value when it is not set; nil when there is none.
  package let defaultValue: String?
  /// The only values that it may have; nil takes any text.
  package let words: [String]?
  private let check: @Sendable (String) -> String?

  /// A setting. `check` says why a text cannot be its value, and nil for one that can.
  package init(
    _ name: String, _ summary: String, isRequired: Bool = false, defaultValue: String? = nil,
    words: [String]? = nil, check: @escaping @Sendable (String) -> String? = { _ in nil }
  ) {
    self.name = name
    self.summary = summary
    self.isRequired = isRequired
    self.defaultValue = defaultValue
    self.words = words
    self.check = check
  }

  /// Why `text` cannot be the value; nil where it can.
  package func problem(with text: String) -> String? {
    if let words, !words.contains(text) {
      return "'\(name)' must be one of \(words.joined(separator: ", ")), not '\(text)'."
    }
    return check(text)
  }
}
