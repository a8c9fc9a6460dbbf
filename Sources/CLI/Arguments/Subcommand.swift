import Core

/// One subcommand: one file under `Commands/` and one line in `CommandLineInterface.commands`.
protocol Subcommand: Sendable {
  /// Its name, operands, options and help.
  static var facts: CommandFacts { get }
  /// Does it.
  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode
}

/// What is declared of a subcommand: its help and the reading of its words follow from it.
struct CommandFacts: Sendable {
  /// The name on the command line.
  let name: String
  /// What it does, in one sentence.
  let summary: String
  /// How its operands are called, for the usage line.
  let operands: String
  /// How many operands it wants.
  let minimumOperands: Int
  /// How many it takes; nil takes any number.
  let maximumOperands: Int?
  /// Its options.
  let options: [Option]
  /// Examples, each a line to type.
  let examples: [String]

  init(
    _ name: String, _ summary: String, operands: String = "", minimumOperands: Int = 0,
    maximumOperands: Int? = 0, options: [Option] = [], examples: [String] = []
  ) {
    self.name = name
    self.summary = summary
    self.operands = operands
    self.minimumOperands = minimumOperands
    self.maximumOperands = maximumOperands
    self.options = options
    self.examples = examples
  }

  var helpLine: String { "'swapline \(name) --help'" }

  /// The help screen.
  var help: String {
    var text = "\(summary)\n\n"
    let usage = operands.isEmpty ? "" : " \(operands)"
    text += "Usage: swapline \(name)\(usage)\(options.isEmpty ? "" : " [options]")\n"
    let rows = (options + [.help]).map { option -> (String, String) in
      let letter = option.letter.map { "-\($0), " } ?? "    "
      let value = option.value.map { " \($0)" } ?? ""
      return ("  \(letter)--\(option.name)\(value)", option.help)
    }
    let width = rows.map(\.0.count).max() ?? 0
    text += "\nOptions:\n"
    for (left, right) in rows {
      text += Self.wrap(right, lead: left.padding(to: width + 2), width: 96)
    }
    if !examples.isEmpty {
      text += "\nExamples:\n" + examples.map { "  \($0)\n" }.joined()
    }
    return text
  }

  // Breaks at spaces, later lines indented below the first.
  static func wrap(_ text: String, lead: String, width: Int) -> String {
    let indent = String(repeating: " ", count: lead.count)
    var lines: [String] = []
    var line = lead
    var isFresh = true
    for word in text.split(separator: " ") {
      if !isFresh, line.count + 1 + word.count > width {
        lines.append(line)
        line = indent
        isFresh = true
      }
      line += (isFresh ? "" : " ") + word
      isFresh = false
    }
    return (lines + [line]).joined(separator: "\n") + "\n"
  }
}

extension String {
  /// The text filled up with spaces to `width` characters.
  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

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

  static let runFolder = value(
    "out", "o", of: "DIR|URL",
    "The run's folder, or where its results went (default: swapline-out).")
  static let sharedLedger = value(
    "ledger", of: "FILE|URL",
    "A ledger shared by several runs instead of the folder's own: a file, or postgres://user@host/database."
  )
  static let json = flag("json", nil, "Print JSON for programs instead of text for people.")
  static let help = flag("help", "h", "Show this help.")
}
