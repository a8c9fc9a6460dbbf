import Core

/// A type that a stage's parameter may have: how it is read, printed and described.
public protocol ParameterValue: Sendable, Hashable {
  /// Reads the value; throws what was found and what was wanted.
  init(parameter node: SourceNode) throws(ParameterProblem)
  /// The value as plans print it: always the same text for the same value.
  var printed: JSONValue { get }
  /// The value's JSON Schema (draft 2020-12).
  static var schema: JSONValue { get }
  /// What is wanted, for sentences: `a whole number`.
  static var expectation: String { get }
  /// The words in `node` that are read under a former name, as findings that tell the present one.
  static func renamedWords(in node: SourceNode) -> [Finding]
}

extension ParameterValue {
  /// None: only words are ever renamed.
  public static func renamedWords(in node: SourceNode) -> [Finding] { [] }

  /// The problem of having found something else than this type.
  static func mismatch(_ node: SourceNode, hint: String? = nil) -> ParameterProblem {
    ParameterProblem(
      "Expected \(expectation), found \(node.found).", at: node.place, hint: hint)
  }
}

extension String {
  /// The text with an upper-case first letter.
  package var sentence: String { prefix(1).uppercased() + dropFirst() }
}

extension Int: ParameterValue {
  public init(parameter node: SourceNode) throws(ParameterProblem) {
    guard let text = node.text, let value = Int(text.replacing("_", with: "")) else {
      throw Self.mismatch(node)
    }
    self = value
  }
  public var printed: JSONValue { .int(Int64(self)) }
  public static var schema: JSONValue { ["type": "integer"] }
  public static var expectation: String { "a whole number" }
}

extension Double: ParameterValue {
  public init(parameter node: SourceNode) throws(ParameterProblem) {
    guard let text = node.text, let value = Double(text), value.isFinite else {
      throw Self.mismatch(node)
    }
    self = value
  }
  public var printed: JSONValue { Int64(exactly: self).map { .int($0) } ?? .double(self) }
  public static var schema: JSONValue { ["type": "number"] }
  public static var expectation: String { "a number" }
}

extension Bool: ParameterValue {
  public init(parameter node: SourceNode) throws(ParameterProblem) {
    switch node.text?.lowercased() {
    case "true", "yes", "on": self = true
    case "false", "no", "off": self = false
    default: throw Self.mismatch(node)
    }
  }
  public var printed: JSONValue { .bool(self) }
  public static var schema: JSONValue { ["type": "boolean"] }
  public static var expectation: String { "true or false" }
}

extension String: ParameterValue {
  public init(parameter node: SourceNode) throws(ParameterProblem) {
    guard let text = node.text, !node.isNull else { throw Self.mismatch(node) }
    self = text
  }
  public var printed: JSONValue { .string(self) }
  public static var schema: JSONValue { ["type": "string"] }
  public static var expectation: String { "a text" }
}

extension ByteSize: ParameterValue {
  public init(parameter node: SourceNode) throws(ParameterProblem) {
    guard let text = node.text, let value = ByteSize(parsing: text) else {
      throw Self.mismatch(
        node, hint: "Units are \(ByteSize.unitNames.joined(separator: ", ")).")
    }
    self = value
  }
  public var printed: JSONValue { .string(description) }
  public static var schema: JSONValue {
    ["type": ["string", "integer"], "pattern": "^[0-9._]+ *([kKmMgG][iI]?)?[bB]?$"]
  }
  public static var expectation: String { "a size such as 50MB" }
}

extension TimeSpan: ParameterValue {
  public init(parameter node: SourceNode) throws(ParameterProblem) {
    guard let text = node.text, let value = TimeSpan(parsing: text) else {
      throw Self.mismatch(
        node, hint: "Units are \(TimeSpan.unitNames.joined(separator: ", ")); one must be written.")
    }
    self = value
  }
  public var printed: JSONValue { .string(description) }
  public static var schema: JSONValue {
    ["type": "string", "pattern": "^[0-9.]+ *(ms|s|m|h|d)$"]
  }
  public static var expectation: String { "a time such as 30s" }
}

extension MediaFormat: ParameterValue {
  public init(parameter node: SourceNode) throws(ParameterProblem) {
    guard let text = node.text else { throw Self.mismatch(node) }
    guard let format = MediaFormat.named(text) else {
      throw Self.mismatch(
        node, hint: Suggestion.hint(for: text, among: MediaFormat.all.map(\.name)))
    }
    self = format
  }
  public var printed: JSONValue { .string(name) }
  public static var schema: JSONValue {
    ["enum": .array(MediaFormat.all.flatMap { [$0.name] + $0.aliases }.map { .string($0) })]
  }
  public static var expectation: String { "a file format" }
}

extension Array: ParameterValue where Element: ParameterValue {
  public init(parameter node: SourceNode) throws(ParameterProblem) {
    // One value stands for a list of one.
    guard let items = node.items else {
      guard node.entries == nil, !node.isNull else { throw Self.mismatch(node) }
      self = [try Element(parameter: node)]
      return
    }
    var values: [Element] = []
    for item in items { values.append(try Element(parameter: item)) }
    self = values
  }
  public var printed: JSONValue { .array(map(\.printed)) }
  public static var schema: JSONValue {
    ["anyOf": [["type": "array", "items": Element.schema], Element.schema]]
  }
  public static var expectation: String { "a list, each \(Element.expectation)" }
  public static func renamedWords(in node: SourceNode) -> [Finding] {
    (node.items ?? [node]).flatMap { Element.renamedWords(in: $0) }
  }
}

extension Optional: ParameterValue where Wrapped: ParameterValue {
  public init(parameter node: SourceNode) throws(ParameterProblem) {
    self = node.isNull ? nil : try Wrapped(parameter: node)
  }
  public var printed: JSONValue { self?.printed ?? .null }
  public static var schema: JSONValue { ["anyOf": [Wrapped.schema, ["type": "null"]]] }
  public static var expectation: String { Wrapped.expectation }
  public static func renamedWords(in node: SourceNode) -> [Finding] {
    Wrapped.renamedWords(in: node)
  }
}

/// A parameter with a fixed set of words.
public protocol WordParameter: ParameterValue, RawRepresentable, CaseIterable
where RawValue == String {
  /// Words that it had before: they are read, and the present one is told.
  static var formerWords: [String: Self] { get }
}

extension WordParameter {
  private static var words: [String] { allCases.map(\.rawValue) }

  /// None.
  public static var formerWords: [String: Self] { [:] }

  /// Reads one of the words.
  public init(parameter node: SourceNode) throws(ParameterProblem) {
    guard let text = node.text, let value = Self(rawValue: text) ?? Self.formerWords[text] else {
      throw Self.mismatch(
        node, hint: node.text.map { Suggestion.hint(for: $0, among: Self.words) })
    }
    self = value
  }
  /// The word.
  public var printed: JSONValue { .string(rawValue) }
  /// The words, the former ones too: editors must not call wrong what is read.
  public static var schema: JSONValue {
    ["enum": .array((words + formerWords.keys.sorted()).map { .string($0) })]
  }
  /// `one of a, b`.
  public static var expectation: String { "one of \(words.joined(separator: ", "))" }
  /// The former word, if it is one.
  public static func renamedWords(in node: SourceNode) -> [Finding] {
    guard let text = node.text, let value = formerWords[text] else { return [] }
    return [.renamed(text, to: value.rawValue, at: node.place)]
  }
}
