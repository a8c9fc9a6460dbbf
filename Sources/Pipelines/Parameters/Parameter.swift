import Core

/// One parameter of a stage, declared once: reading, checking, printing, help and JSON Schema
/// follow from it.
public struct Parameter<Root: Sendable>: Sendable {
  /// The name in pipeline files.
  public let name: String
  /// What it does, in a sentence that names the unit.
  public let help: String
  /// Its JSON Schema, without the description.
  let schema: JSONValue
  /// Names that it had before: they are read, and the new one is told.
  let formerNames: [String]
  /// Whether a file must set it: its default makes no sense.
  let isRequired: Bool
  let read: @Sendable (inout Root, SourceNode) throws(ParameterProblem) -> Void
  /// What is wrong with its value, whoever set it; nil when nothing is.
  let problem: @Sendable (Root) -> String?
  let print: @Sendable (Root) -> JSONValue
  /// Words of the value that are called otherwise now.
  let renamedWords: @Sendable (SourceNode) -> [Finding]

  /// A parameter at `path`. `check` says what is wrong with a value, else nil; `refinement` says the
  /// same to editors, as far as JSON Schema can.
  public init<Value: ParameterValue>(
    _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ help: String,
    schema refinement: [String: JSONValue] = [:], formerly formerNames: [String] = [],
    isRequired: Bool = false, check: (@Sendable (Value) -> String?)? = nil
  ) {
    self.name = name
    self.help = help
    var schema = Value.schema
    if case .object(let parts) = schema {
      schema = .object(parts.merging(refinement) { _, new in new })
    }
    self.schema = schema
    self.formerNames = formerNames
    self.isRequired = isRequired
    problem = { root in check?(root[keyPath: path]) }
    read = { root, node throws(ParameterProblem) in
      let value = try Value(parameter: node)
      if let problem = check?(value) { throw ParameterProblem(problem, at: node.place) }
      root[keyPath: path] = value
    }
    print = { $0[keyPath: path].printed }
    renamedWords = { Value.renamedWords(in: $0) }
  }

  /// A whole number within `range`.
  public init(
    _ name: String, _ path: any WritableKeyPath<Root, Int> & Sendable, in range: ClosedRange<Int>,
    _ help: String
  ) {
    self.init(name, path, help, schema: Self.schema(range)) { Self.outside(range, $0) }
  }

  /// A whole number within `range`, or none.
  public init(
    _ name: String, _ path: any WritableKeyPath<Root, Int?> & Sendable, in range: ClosedRange<Int>,
    _ help: String
  ) {
    self.init(name, path, help, schema: Self.schema(range)) {
      $0.flatMap { Self.outside(range, $0) }
    }
  }

  /// A number within `range`.
  public init(
    _ name: String, _ path: any WritableKeyPath<Root, Double> & Sendable,
    in range: ClosedRange<Double>, _ help: String
  ) {
    let bounds: [String: JSONValue] = [
      "minimum": .double(range.lowerBound), "maximum": .double(range.upperBound),
    ]
    self.init(name, path, help, schema: bounds) { Self.outside(range, $0) }
  }

  private static func schema(_ range: ClosedRange<Int>) -> [String: JSONValue] {
    ["minimum": .int(Int64(range.lowerBound)), "maximum": .int(Int64(range.upperBound))]
  }

  private static func outside<Number>(
    _ range: ClosedRange<Number>, _ value: Number
  ) -> String? {
    range.contains(value)
      ? nil : "Expected \(range.lowerBound) to \(range.upperBound), found \(value)."
  }
}

/// Everything that is declared of a stage.
public struct StageDeclaration<Root: Sendable>: Sendable {
  /// The name in pipeline files.
  public let name: String
  /// What it does, in one sentence.
  public let summary: String
  /// A piece of a pipeline file that uses it; a test reads it.
  public let example: String
  /// Counts up when the same parameters start to give other results, so that remembered ones are
  /// made again.
  public let version: Int
  /// Whether its outcome outlives the run; an address of an embedded server does not.
  public let isLasting: Bool
  /// Its parameters.
  public let parameters: [Parameter<Root>]
  /// What is wrong with the parameters together, one sentence each.
  let check: @Sendable (Root) -> [String]

  /// A declaration.
  public init(
    _ name: String, _ summary: String, example: String, version: Int = 1, isLasting: Bool = true,
    parameters: [Parameter<Root>], check: @escaping @Sendable (Root) -> [String] = { _ in [] }
  ) {
    self.name = name
    self.summary = summary
    self.example = example
    self.version = version
    self.isLasting = isLasting
    self.parameters = parameters
    self.check = check
  }

  /// Sets the parameters that `node` gives, collecting every finding.
  func read(_ node: SourceNode?, into root: inout Root, findings: inout [Finding]) {
    guard let node, !node.isNull else { return }
    guard let entries = node.entries else {
      findings.append(
        Finding(
          .error,
          "The parameters of '\(name)' must be a mapping of names to values, not \(node.found).",
          at: node.place, hint: "Write \(example.firstLine)"))
      return
    }
    var seen: Set<String> = []
    for (key, value) in entries {
      let keyText = key.text ?? ""
      guard
        let parameter = parameters.first(where: {
          $0.name == keyText || $0.formerNames.contains(keyText)
        })
      else {
        findings.append(
          Finding(
            .error, "'\(name)' has no parameter '\(keyText)'.", at: key.place,
            hint: parameters.isEmpty
              ? "It takes none." : Suggestion.hint(for: keyText, among: parameters.map(\.name))))
        continue
      }
      if parameter.name != keyText {
        findings.append(.renamed(keyText, to: parameter.name, at: key.place))
      }
      guard seen.insert(parameter.name).inserted else {
        findings.append(
          Finding(.error, "'\(keyText)' is written twice.", at: key.place, hint: "Keep one."))
        continue
      }
      do throws(ParameterProblem) {
        try parameter.read(&root, value)
        findings += parameter.renamedWords(value)
      } catch {
        findings.append(
          Finding(.error, error.message, at: error.place ?? value.place, hint: error.hint))
      }
    }
    for problem in check(root) {
      findings.append(Finding(.error, problem, at: node.place))
    }
  }
}

extension Finding {
  /// Says that a name or a word is another one now.
  static func renamed(_ old: String, to name: String, at place: SourcePlace?) -> Finding {
    Finding(.warning, "'\(old)' is called '\(name)' now.", at: place, hint: "Write '\(name)'.")
  }
}

extension StageDeclaration {
  /// What is wrong with the parameters of `root`, whoever set them.
  func problems(of root: Root) -> [Finding] {
    let single = parameters.compactMap { parameter in
      parameter.problem(root).map {
        Finding(.error, "\(name), \(parameter.name): \($0)", hint: parameter.help)
      }
    }
    return single
      + check(root).map {
        Finding(
          .error, "\(name): \($0)", hint: "'swapline stages' describes what the stage takes.")
      }
  }
}

extension String {
  var firstLine: String { String(prefix { $0 != "\n" }) }
}
