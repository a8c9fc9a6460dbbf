/// Columns of text, each as wide as its widest cell, the last one cut to the room there is.
struct TextTable {
  private let header: [String]
  private var rows: [[String]] = []

  init(_ header: [String]) {
    self.header = header
  }

  mutating func add(_ row: [String]) {
    rows.append(row)
  }

  /// The table in at most `width` columns.
  func text(width: Int) -> String {
    let all = [header] + rows
    let widths = header.indices.map { column in
      all.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    return all.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let isLast = column == row.count - 1
        let room = max(8, width - line.count)
        if isLast {
          line += CommandFacts.wrap(cell, lead: "", width: room)
            .split(separator: "\n").map(String.init)
            .joined(separator: "\n" + String(repeating: " ", count: line.count))
        } else {
          line += cell.padding(to: widths[column] + 2)
        }
      }
      return line + "\n"
    }.joined()
  }
}
