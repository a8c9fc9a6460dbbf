extension HelpPage {
  /// The page for a terminal of `width` columns.
  func text(width: Int) -> String {
    var text = Self.plain(summary) + "\n"
    for block in blocks {
      text += "\n"
      switch block {
      case .heading(let title): text += title + "\n"
      case .text(let words): text += CommandFacts.wrap(Self.plain(words), lead: "", width: width)
      case .code(let lines): text += lines.map { "  \($0)\n" }.joined()
      case .rows(let rows):
        let column = min(rows.map(\.term.count).max() ?? 0, 26)
        for row in rows {
          var lead = "  " + row.term.padding(to: column + 2)
          if row.term.count > column {
            text += "  \(row.term)\n"
            lead = "  " + "".padding(to: column + 2)
          }
          text += CommandFacts.wrap(Self.plain(row.meaning), lead: lead, width: width)
        }
      }
    }
    return text.replacing("\n\n\n", with: "\n\n")
  }

  // A terminal shows code as it is.
  private static func plain(_ text: String) -> String { text.replacing("`", with: "") }
}
