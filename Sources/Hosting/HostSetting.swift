/// Something about a host that can be set, with a text as its value.
public struct HostSetting: Sendable {
  /// The name in pipeline files.
  public let name: String
  /// What it does.
  public let summary: String
  /// Whether the host cannot be used without it.
  public let isRequired: Bool
  /// The value when it is not set; nil when there is none.
  public let defaultValue: String?
  /// The only values that it may have; nil takes any text.
  public let words: [String]?
  private let check: @Sendable (String) -> String?

  /// A setting. `check` says why a text cannot be its value, and nil for one that can.
  public init(
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
  public func problem(with text: String) -> String? {
    if let words, !words.contains(text) {
      return "'\(name)' is one of \(words.joined(separator: ", ")), not '\(text)'."
    }
    return check(text)
  }
}
