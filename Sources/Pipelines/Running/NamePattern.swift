import Core

/// How items are called: a text with `{id}`, `{scene}`, `{face}`, `{index}` and, for the items of a list,
/// the names of its other columns in it.
public struct NamePattern: Sendable, Hashable {
  private enum Part: Hashable {
    case text(String)
    case name(String)
  }

  private let parts: [Part]

  /// By the scene's file.
  public static let scene = NamePattern(unchecked: "{scene}")
  /// By the scene's and the face's file.
  public static let sceneAndFace = NamePattern(unchecked: "{scene}--{face}")

  private init(unchecked text: String) {
    parts = Self.parts(text) ?? []
  }

  /// A pattern. Throws `.usage` for a name in braces that is not known, unless the items come from a list,
  /// whose columns may have any name.
  public init(_ text: String, hasFields: Bool = false) throws(SwaplineError) {
    guard let parts = Self.parts(text) else {
      throw SwaplineError(
        .usage, "The name pattern '\(text)' has a brace without its partner.",
        hint: "Known: \(Self.list).")
    }
    self.parts = parts
    guard !hasFields else { return }
    for case .name(let name) in parts where !Self.known.contains(name) {
      throw SwaplineError(
        .usage, "The name pattern '\(text)' has '{\(name)}' in it.",
        hint: "Known: \(Self.list); with --items also the list's own columns.")
    }
  }

  private static let known = ["id", "scene", "face", "index"]
  private static let list = known.map { "{\($0)}" }.joined(separator: ", ")

  private static func parts(_ text: String) -> [Part]? {
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else { return nil }
      parts.append(.text(String(rest[..<open])))
      parts.append(.name(ItemColumns.plain(String(rest[rest.index(after: open)..<close]))))
      rest = rest[rest.index(after: close)...]
    }
    return parts + [.text(String(rest))]
  }

  /// The name of one item; `index` counts from 1, `fields` are what its list says of it.
  public func name(
    scene: String, face: String?, id: String?, index: Int, fields: [String: String] = [:]
  ) -> String {
    parts.map { part in
      switch part {
      case .text(let text): return text
      case .name("index"): return "\(index)"
      case .name("scene"): return Item.stem(of: scene)
      case .name("face"): return face.map { Item.stem(of: $0) } ?? ""
      case .name("id"): return id ?? Item.stem(of: scene)
      case .name(let name): return fields.first { ItemColumns.plain($0.key) == name }?.value ?? ""
      }
    }.joined()
  }

  /// Throws when a name in it is no column of a list.
  func check(against columns: [ItemColumns.Meaning]) throws(SwaplineError) {
    var names: [String] = []
    for case .field(let name) in columns { names.append(name) }
    for case .name(let name) in parts
    where !Self.known.contains(name) && !names.contains(where: { ItemColumns.plain($0) == name }) {
      throw SwaplineError(
        .usage, "The name pattern has '{\(name)}' in it, and the list has no such column.",
        hint: Suggestion.hint(for: name, among: Self.known + names))
    }
  }
}
