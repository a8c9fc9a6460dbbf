/// One option of a subcommand, declared once: parsing and help follow from it.
struct Option: Sendable {
  /// The name behind `--`.
  let name: String
  /// A name that it once had, and that is still read.
  let formerName: String?
  /// One letter behind `-`, for the few that are typed often.
  let letter: Character?
  /// What the value stands for; nil for an option without one.
  let value: String?
  /// Whether it may be given several times.
  let repeats: Bool
  /// What it does, in one sentence.
  let help: String

  /// An option that takes a value.
  static func value(
    _ name: String, _ letter: Character? = nil, of value: String, repeats: Bool = false,
    formerly formerName: String? = nil, _ help: String
  ) -> Option {
    Option(
      name: name, formerName: formerName, letter: letter, value: value, repeats: repeats, help: help
    )
  }

  /// An option that is there or not.
  static func flag(_ name: String, _ letter: Character? = nil, _ help: String) -> Option {
    Option(
      name: name, formerName: nil, letter: letter, value: nil, repeats: false, help: help)
  }

  static let json = flag("json", nil, "Print JSON for programs instead of text for people.")
  static let help = flag("help", "h", "Show this help.")
}
