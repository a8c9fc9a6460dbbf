import Swapline

extension HelpPage {
  /// The page as `man` reads it. Source: man(7), groff's `man` macros.
  var manual: String {
    var lines = [
      ".TH \(manualName.uppercased()) \(kind.section) \"\" \"swapline \(SwaplineVersion.text)\" \"Swapline\"",
      ".SH NAME", "\(Self.escaped(manualName)) \\- \(Self.escaped(nameLine))",
    ]
    // A heading begins a section; what stands before the first one describes the page.
    var isOpen = false
    func open() {
      if !isOpen { lines.append(".SH DESCRIPTION") }
      isOpen = true
    }
    for block in blocks {
      switch block {
      case .heading(let title):
        lines.append(".SH \(Self.escaped(title.uppercased()))")
        isOpen = true
      case .text(let words):
        open()
        lines += [".PP", Self.escaped(words)]
      case .rows(let rows):
        open()
        for row in rows {
          lines += [".TP", ".B \(Self.quoted(row.term))", Self.escaped(row.meaning)]
        }
      case .code(let code):
        open()
        lines += [".PP", ".nf", ".RS 4"] + code.map(Self.escaped) + [".RE", ".fi"]
      }
    }
    if name != "swapline" { lines += [".SH SEE ALSO", ".BR swapline (1)"] }
    return lines.joined(separator: "\n") + "\n"
  }

  // As whatis(1) wants it: no capital at the beginning, no full stop at the end.
  private var nameLine: String {
    let line = summary.hasSuffix(".") ? String(summary.dropLast()) : summary
    return line.prefix(1).lowercased() + line.dropFirst()
  }

  private static func escaped(_ text: String) -> String {
    let safe = text.replacing("`", with: "").replacing("\\", with: "\\e").replacing(
      "-", with: "\\-"
    )
    .replacing("…", with: "...")
    // A line that begins with one of these would be a request.
    return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
  }

  private static func quoted(_ text: String) -> String {
    "\"" + escaped(text).replacing("\"", with: "\\(dq") + "\""
  }
}
