extension HelpPage {
  /// The page as Markdown, for the documentation.
  var markdown: String {
    let title = kind == .command && name != "swapline" ? "swapline \(name)" : name
    var text = "# \(title)\n\n\(Self.escaped(summary))\n"
    for block in blocks {
      text += "\n"
      switch block {
      case .heading(let title): text += "## \(title)\n"
      case .text(let words): text += Self.escaped(words) + "\n"
      case .code(let lines):
        text += "```\n" + lines.map { $0 + "\n" }.joined() + "```\n"
      case .rows(let rows):
        text += "| name | meaning |\n|---|---|\n"
        for row in rows {
          text += "| `\(row.term.replacing("|", with: "\\|"))` | \(Self.cell(row.meaning)) |\n"
        }
      }
    }
    return text
  }

  private static func cell(_ text: String) -> String {
    escaped(text).replacing("|", with: "\\|").replacing("\n", with: " ")
  }

  // Signs that Markdown would take for its own, outside of code.
  private static func escaped(_ text: String) -> String {
    var isCode = false
    var out = ""
    for character in text {
      if character == "`" { isCode.toggle() }
      if !isCode, "<*_".contains(character) { out.append("\\") }
      out.append(character)
    }
    return out
  }
}
