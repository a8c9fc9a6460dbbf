import Core

/// A list of items to which rows of another refer by line, as `failed.jsonl` does; read once from front
/// to back as long as they refer to it nearly in order, and again where they go back far.
final class ReferencedList {
  /// How many rows behind the furthest are kept: failures are written down as they happen, not in the
  /// list's order.
  private static let most = 20_000

  private let path: String
  private let stages: Set<String>?
  private var file: ItemsFile?
  private var rows: [Int: Result<ItemsFile.Values, SwaplineError>] = [:]
  private var order: [Int] = []
  private var furthest = 0

  init(_ path: String, stages: Set<String>?) {
    self.path = path
    self.stages = stages
  }

  /// What the row that begins in `line` says.
  func values(at line: Int) throws(SwaplineError) -> ItemsFile.Values {
    if let values = rows[line] { return try values.get() }
    if line <= furthest || file == nil {
      (file, rows, order, furthest) = (
        try ItemsFile(path, wantsFace: false, stages: stages), [:], [], 0
      )
    }
    while let file, furthest < line, let row = try file.nextValues() {
      furthest = row.line
      rows[row.line] = row.values
      order.append(row.line)
      if order.count >= 2 * Self.most {
        for old in order.prefix(Self.most) { rows[old] = nil }
        order.removeFirst(Self.most)
      }
    }
    guard let values = rows[line] else {
      throw SwaplineError(
        .usage, "No row of \(path) begins in line \(line).",
        hint: "The list has changed since: run it again instead.")
    }
    return try values.get()
  }
}
