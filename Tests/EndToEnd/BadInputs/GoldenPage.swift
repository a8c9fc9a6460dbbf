import Foundation
import Synchronization

/// docs/bad-inputs.md: an introduction, and a table of what was tried for each section.
struct GoldenPage {
  /// One row.
  struct Entry: Sendable, Hashable {
    let label: String
    let told: String
    let code: Int32
  }

  /// The rows of one section, in their order.
  struct Table {
    let title: String
    let entries: [Entry]
  }

  static let path = Workshop.root.appending(path: "docs/bad-inputs.md")
  /// Whether what the command says now is to be written down.
  static let isWritten = ProcessInfo.processInfo.environment["SWAPLINE_GOLDEN"] == "write"
  private static let head = "| what was tried | what was printed | exit code |\n|---|---|---|\n"

  let introduction: String
  let tables: [Table]

  /// Reads the page.
  init() throws {
    let parts = try String(contentsOf: Self.path, encoding: .utf8).split(
      separator: "\n## ", omittingEmptySubsequences: false)
    introduction = String(parts.first ?? "")
    tables = parts.dropFirst().map { part in
      let lines = part.split(separator: "\n")
      return Table(
        title: String(lines.first ?? ""), entries: lines.dropFirst(3).compactMap(Self.entry))
    }
  }

  private static func entry(_ line: Substring) -> Entry? {
    let cells = line.dropFirst(2).dropLast(2).split(
      separator: " | ", omittingEmptySubsequences: false)
    guard line.hasPrefix("| "), cells.count == 3, let code = Int32(cells[2]) else { return nil }
    return Entry(label: String(cells[0]), told: String(cells[1]), code: code)
  }

  func entry(_ label: String, in title: String) -> Entry? {
    tables.first { $0.title == title }?.entries.first { $0.label == label }
  }

  // Sections are run side by side, and each writes the whole page.
  private static let turn = Mutex(())

  /// Writes the page with this table in place of the one of its title, and with these sections alone.
  static func write(_ table: Table, of titles: [String]) throws {
    try turn.withLock { _ in
      let page = try GoldenPage()
      let tables = [table] + page.tables
      var text = page.introduction
      for title in titles {
        let entries = tables.first { $0.title == title }?.entries ?? []
        text += "\n## \(title)\n\n" + head
        for entry in entries { text += "| \(entry.label) | \(entry.told) | \(entry.code) |\n" }
      }
      try Data(text.utf8).write(to: path, options: .atomic)
    }
  }
}
