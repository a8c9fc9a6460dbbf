/// A page of help, declared once: the screen, the manual page and the page of the documentation follow
/// from it.
struct HelpPage: Sendable {
  /// A term and what it means.
  struct Row: Sendable {
    let term: String
    let meaning: String
  }

  /// A piece of a page. Texts may name code in `backquotes`.
  enum Block: Sendable {
    case heading(String)
    case text(String)
    case rows([Row])
    case code([String])
  }

  /// What kind of page it is; manual pages are sorted by it.
  enum Kind: Sendable {
    case command, topic

    /// The section of the manual.
    var section: Int { self == .command ? 1 : 7 }
  }

  /// The word behind `swapline help`.
  let name: String
  let kind: Kind
  /// What it is about, in one sentence.
  let summary: String
  let blocks: [Block]

  init(_ name: String, _ kind: Kind, _ summary: String, _ blocks: [Block]) {
    self.name = name
    self.kind = kind
    self.summary = summary
    self.blocks = blocks
  }

  /// The name of the manual page, without its section.
  var manualName: String { name == "swapline" ? name : "swapline-\(name)" }
}

extension HelpPage.Block {
  /// Rows from terms and meanings.
  static func table(_ rows: [(String, String)]) -> Self {
    .rows(rows.map { HelpPage.Row(term: $0.0, meaning: $0.1) })
  }
}
