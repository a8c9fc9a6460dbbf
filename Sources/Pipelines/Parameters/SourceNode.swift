import Core
import YAML

/// One value of a pipeline file, a `--set` option or a row of items, with the place it stands at.
public struct SourceNode: Sendable, Hashable {
  /// The value.
  package var node: YAMLNode
  /// The file as the user named it, or the option.
  public var file: String

  /// A value of `file`.
  package init(_ node: YAMLNode, file: String) {
    self.node = node
    self.file = file
  }

  /// Reads `text` as one YAML value of `file`; nil when there is none.
  public init?(parsing text: String, file: String) throws(ParameterProblem) {
    do {
      guard let node = try YAMLReader.read(text) else { return nil }
      self.init(node, file: file)
    } catch let error as YAMLError {
      let place = SourcePlace(file: file, line: error.mark.line, column: error.mark.column)
      if error.remedy == nil, Self.isTab(at: error.mark, of: text) {
        throw ParameterProblem(
          "This is not YAML: a tab is not allowed here.", at: place, hint: "Indent with spaces.")
      }
      throw ParameterProblem(
        error.remedy == nil ? "This is not YAML: \(error.message)." : "\(error.message).",
        at: place,
        hint: error.remedy)
    } catch {
      throw ParameterProblem("This is not YAML: \(error).", at: nil)
    }
  }

  private static func isTab(at mark: YAMLMark, of text: String) -> Bool {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.indices.contains(mark.line - 1) else { return false }
    return lines[mark.line - 1].dropFirst(mark.column - 1).first == "\t"
  }

  /// Where the value stands; a value over several lines is marked at its first character.
  public var place: SourcePlace {
    let length = node.end.line == node.start.line ? node.end.column - node.start.column : 1
    return SourcePlace(
      file: file, line: node.start.line, column: node.start.column, length: length)
  }

  /// The text of a scalar.
  public var text: String? { node.text }

  /// Whether nothing stands here: an empty plain scalar, `~` or `null`.
  public var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = node.content else { return false }
    return text.isEmpty || text == "~" || text.lowercased() == "null"
  }

  /// The values of a list.
  public var items: [SourceNode]? {
    guard case .sequence(let nodes) = node.content else { return nil }
    return nodes.map { SourceNode($0, file: file) }
  }

  /// The named values of a mapping, in the order in which they are written.
  public var entries: [(key: SourceNode, value: SourceNode)]? {
    guard case .mapping(let pairs) = node.content else { return nil }
    return pairs.map { (SourceNode($0.key, file: file), SourceNode($0.value, file: file)) }
  }

  /// What the value is, for sentences: `a list`, `a mapping`, `'abc'`.
  public var found: String {
    switch node.content {
    case .scalar(let text, _): isNull ? "nothing" : "'\(text)'"
    case .sequence: "a list"
    case .mapping: "a mapping of names to values"
    }
  }
}

/// A value that does not fit its parameter.
public struct ParameterProblem: Error, Sendable, Hashable {
  /// What was found and what was wanted.
  public var message: String
  /// Where; nil takes the place of the whole value.
  public var place: SourcePlace?
  /// What to do about it.
  public var hint: String?

  /// A problem with a sentence, a place and a remedy.
  public init(_ message: String, at place: SourcePlace?, hint: String? = nil) {
    self.message = message
    self.place = place
    self.hint = hint
  }

  /// The problem as a finding of severity error.
  public var finding: Finding { Finding(.error, message, at: place, hint: hint) }
}
