/// A text with names in braces, such as `{id}_{width}`, split into its parts.
struct BracedText: Sendable, Hashable {
  enum Part: Hashable {
    case text(String)
    /// A name as `ItemColumns.plain` has it.
    case name(String)
  }

  let parts: [Part]

  /// Nil where a brace has no partner.
  init?(_ text: String) {
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else { return nil }
      parts.append(.text(String(rest[..<open])))
      parts.append(.name(ItemColumns.plain(String(rest[rest.index(after: open)..<close]))))
      rest = rest[rest.index(after: close)...]
    }
    self.parts = parts + [.text(String(rest))]
  }

  /// The text with what `value` says in the place of each name.
  func filled(_ value: (String) -> String) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .name(let name): value(name)
      }
    }.joined()
  }
}

extension [String: String] {
  /// What a list says in the column of a plain name; nil where it has none.
  func value(ofColumn plain: String) -> String? {
    first { ItemColumns.plain($0.key) == plain }?.value
  }
}
