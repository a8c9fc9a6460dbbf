import Core
import Pipelines

/// What stood on the command line behind a subcommand's name.
struct Arguments: Sendable {
  private(set) var values: [String: [String]] = [:]
  private(set) var operands: [String] = []
  /// What was given under a former name, a sentence each.
  private(set) var notes: [String] = []

  /// Reads words by a subcommand's declaration.
  ///
  /// Options may stand anywhere; `--name=value` and `--name value` are the same; `--` ends them.
  init(_ words: some Sequence<String>, of command: CommandFacts) throws(SwaplineError) {
    var rest = Array(words)[...]
    var isOver = false
    while let word = rest.popFirst() {
      if isOver || word == "-" || !word.hasPrefix("-") {
        operands.append(word)
      } else if word == "--" {
        isOver = true
      } else {
        try read(word, &rest, command)
      }
    }
    try checkOperands(command)
  }

  /// Whether the option was given.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// The option's last value.
  func last(_ name: String) -> String? { values[name]?.last }

  /// All the option's values.
  func all(_ name: String) -> [String] { values[name] ?? [] }

  /// The option's value as a whole number within `range`.
  func int(_ name: String, in range: ClosedRange<Int>) throws(SwaplineError) -> Int? {
    guard let text = last(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw SwaplineError(
        .usage,
        "--\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), "
          + "not '\(text)'.")
    }
    return number
  }

  private mutating func read(
    _ word: String, _ rest: inout ArraySlice<String>, _ command: CommandFacts
  ) throws(SwaplineError) {
    let (option, attached) = try Self.find(word, command)
    var value = ""
    if let kind = option.value {
      guard let given = attached ?? rest.popFirst() else {
        throw SwaplineError(
          .usage, "--\(option.name) needs a value: \(kind).", hint: "See \(command.helpLine).")
      }
      value = given
    } else if attached != nil {
      throw SwaplineError(.usage, "--\(option.name) takes no value.")
    }
    if let former = option.formerName, word == "--\(former)" || word.hasPrefix("--\(former)=") {
      notes.append("--\(former) is now called --\(option.name).")
    }
    guard option.repeats || values[option.name] == nil else {
      throw SwaplineError(.usage, "--\(option.name) is given twice.", hint: "Keep one.")
    }
    values[option.name, default: []].append(value)
  }

  private static func find(
    _ word: String, _ command: CommandFacts
  ) throws(SwaplineError) -> (Option, attached: String?) {
    let options = command.options + [.help]
    if word.hasPrefix("--") {
      let parts = word.dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      if let option = options.first(where: { $0.name == name || $0.formerName == name }) {
        return (option, parts.count > 1 ? String(parts[1]) : nil)
      }
      throw SwaplineError(
        .usage, "'swapline \(command.name)' has no option --\(name).",
        hint: Suggestion.nearest(to: name, among: options.map(\.name))
          .map { "Did you mean --\($0)?" } ?? "See \(command.helpLine).")
    }
    if word.count == 2, let letter = word.last,
      let option = options.first(where: { $0.letter == letter })
    {
      return (option, nil)
    }
    throw SwaplineError(
      .usage, "'swapline \(command.name)' has no option \(word).", hint: "See \(command.helpLine).")
  }

  private func checkOperands(_ command: CommandFacts) throws(SwaplineError) {
    guard !has("help") else { return }
    if operands.count < command.minimumOperands {
      throw SwaplineError(
        .usage, "'swapline \(command.name)' needs \(command.operands).",
        hint: "See \(command.helpLine).")
    }
    if let maximum = command.maximumOperands, operands.count > maximum {
      throw SwaplineError(
        .usage, "'swapline \(command.name)' does not take '\(operands[maximum])'.",
        hint: "See \(command.helpLine).")
    }
  }
}
