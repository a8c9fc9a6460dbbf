import Core

/// Shows findings the way compilers do: place, message, the line, a caret, a hint.
public struct FindingPrinter: Sendable {
  private let lines: [Substring]
  private let paints: Bool

  /// Shows findings of `text`; with `paints` in colours of a terminal.
  public init(text: String, paints: Bool = false) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    self.paints = paints
  }

  /// The finding as lines of text, each with its newline.
  public func show(_ finding: Finding) -> String {
    let severity = paint(finding.severity.rawValue, finding.severity == .error ? "1;31" : "1;33")
    guard let place = finding.place else {
      return "\(severity): \(finding.message)\n" + hint(finding)
    }
    let head = paint("\(place.file):\(place.line):\(place.column):", "1")
    return "\(head) \(severity): \(finding.message)\n" + snippet(at: place) + hint(finding)
  }

  private func hint(_ finding: Finding) -> String {
    finding.hint.map { "  \(paint("hint:", "1;36")) \($0)\n" } ?? ""
  }

  private func snippet(at place: SourcePlace) -> String {
    guard lines.indices.contains(place.line - 1) else { return "" }
    let line = String(lines[place.line - 1].filter { $0 != "\r" })
    let number = String(place.line)
    let gutter = String(repeating: " ", count: number.count)
    // Tabs stay tabs under the line, so that the caret stands where the reader's terminal puts it.
    let lead = line.unicodeScalars.prefix(place.column - 1).map { $0 == "\t" ? "\t" : " " }
    let room = max(1, line.unicodeScalars.count - place.column + 1)
    let caret = "^" + String(repeating: "~", count: min(place.length, room) - 1)
    return "  \(number) | \(line)\n  \(gutter) | \(lead.joined())\(paint(caret, "1;32"))\n"
  }

  private func paint(_ text: String, _ code: String) -> String {
    paints ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
