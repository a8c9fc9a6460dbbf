import Core

/// How items are called: a text with `{id}`, `{scene}`, `{face}`, `{index}` and, for the items of a list,
/// the names of its other columns in it.
public struct NamePattern: Sendable, Hashable {
  private let text: BracedText

  /// By the scene's file.
  public static let scene = NamePattern(BracedText("{scene}"))
  /// By the scene's and the face's file.
  public static let sceneAndFace = NamePattern(BracedText("{scene}--{face}"))

  private init(_ known: BracedText?) {
    guard let known else { preconditionFailure("a pattern of our own has a brace without partner") }
    text = known
  }

  /// A pattern. Throws `.usage` for a name in braces that is not known, unless the items come from a list,
  /// whose columns may have any name.
  public init(_ text: String, hasFields: Bool = false) throws(SwaplineError) {
    guard let parsed = BracedText(text) else {
      throw SwaplineError(
        .usage, "The name pattern '\(text)' has a brace without its partner.",
        hint: "Known: \(Self.list).")
    }
    self.text = parsed
    guard !hasFields else { return }
    for case .name(let name) in parsed.parts where !Self.known.contains(name) {
      throw SwaplineError(
        .usage, "The name pattern '\(text)' has '{\(name)}' in it.",
        hint: "Known: \(Self.list); with --items also the list's own columns.")
    }
  }

  /// Whether a name depends on how many items came before.
  public var counts: Bool { text.parts.contains(.name("index")) }

  private static let known = ["id", "scene", "face", "index"]
  private static let list = known.map { "{\($0)}" }.joined(separator: ", ")

  /// The name of one item; `index` counts from 1, `fields` are what its list says of it.
  public func name(
    scene: String, face: String?, id: String?, index: Int, fields: [String: String] = [:]
  ) -> String {
    text.filled { name in
      switch name {
      case "index": "\(index)"
      case "scene": Item.stem(of: scene)
      case "face": face.map { Item.stem(of: $0) } ?? ""
      case "id": id ?? Item.stem(of: scene)
      default: fields.value(ofColumn: name) ?? ""
      }
    }
  }

  /// Throws when a name in it is no column of a list.
  func check(against columns: [ItemColumns.Meaning]) throws(SwaplineError) {
    var names: [String] = []
    for case .field(let name) in columns { names.append(name) }
    for case .name(let name) in text.parts
    where !Self.known.contains(name) && !names.contains(where: { ItemColumns.plain($0) == name }) {
      throw SwaplineError(
        .usage, "The name pattern has '{\(name)}' in it, and the list has no such column.",
        hint: Suggestion.hint(for: name, among: Self.known + names))
    }
  }
}
