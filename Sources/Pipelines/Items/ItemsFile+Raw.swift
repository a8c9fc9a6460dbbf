import Core

/// A row as it stands in its list.
struct RawRow {
  /// The line that it begins in, from 1.
  var line = 0
  /// Its bytes, with the end of line where a table's row has one; of one that cannot be read its first line, or
  /// the start of that.
  var bytes: [UInt8] = []
  /// What decides about its shard.
  var key = ShardKey("")
  /// Why it cannot be read.
  var problem: SwaplineError?
}

extension ItemsFile {
  /// Whether the rows are those of a table, not JSON objects.
  var isTable: Bool {
    if case .csv = rows { return true }
    return false
  }

  /// What separates the cells of a table.
  var separator: UInt8? {
    if case .csv(let reader, _) = rows { return reader.separator }
    return nil
  }

  /// How many rows of a table were skipped because they are empty.
  var emptyRows: Int {
    if case .csv(let reader, _) = rows { return reader.emptyRecords }
    return 0
  }

  /// Puts the next row into `row`; false behind the last. Throws when the file cannot be read.
  func nextRaw(into row: inout RawRow) throws(SwaplineError) -> Bool {
    row.problem = nil
    switch rows {
    case .csv(let reader, let meanings):
      if let plain = try reader.peekPlain(KeyColumns(meanings)) {
        row.line = reader.nextLine
        row.key = plain.key
        reader.takePlain(plain.length, into: &row.bytes)
      } else {
        reader.keepsRaw = true
        defer { reader.keepsRaw = false }
        guard let found = try self.row() else { return false }
        fill(&row, found)
        row.bytes = reader.raw
        // A whole record with too many cells stays as it is; what could not be read has no values.
        row.problem = found.values.isEmpty ? found.error : nil
      }
    case .lines(let reader):
      guard let next = try reader.next() else { return false }
      fill(&row, next)
    case .list(let reader):
      guard let next = try reader.next() else { return false }
      fill(&row, next)
    }
    return true
  }

  private func fill(_ raw: inout RawRow, _ row: Row) {
    raw.line = row.line
    raw.key = ShardKey(row.values, line: row.line)
    raw.problem = row.error
  }

  private func fill(_ raw: inout RawRow, _ next: Result<JSONRow, SwaplineError>) {
    fill(&raw, row(of: next))
    if case .success(let text) = next { raw.bytes = text.text } else { raw.bytes = [] }
  }

  /// Passes over the rows of other shards that can be told without reading them.
  func passOthers() throws(SwaplineError) {
    guard let shard, case .csv(let reader, let meanings) = rows else { return }
    let columns = KeyColumns(meanings)
    while let plain = try reader.peekPlain(columns), !shard.takes(plain.key) {
      reader.passPlain(plain.length)
      index += 1
    }
  }
}

/// Where in a table stands what decides about a row's shard.
struct KeyColumns {
  /// The column `id`; -1 for none.
  let id: Int
  /// The column `scene`; -1 for none.
  let scene: Int

  init(_ meanings: [ItemColumns.Meaning]) {
    id = meanings.firstIndex(of: .id) ?? -1
    scene = meanings.firstIndex(of: .scene) ?? -1
  }
}

// Lists of ten million rows are split, and most of their rows are plain: a line of ASCII whose quotes, where it
// has any, stand around whole cells. These are told apart without making a text of each cell.
extension CSVReader {
  private enum Line {
    case plain(ShardKey)
    case blank(cells: Int)
    case other
  }

  /// The key of the next record where it is plain, and its length in bytes; nil where it takes `next()` to
  /// read it, or where there is none. Records without text are skipped.
  func peekPlain(_ columns: KeyColumns) throws(SwaplineError) -> (key: ShardKey, length: Int)? {
    while true {
      let found = try bytes.withLine(limit: Self.longest) { line in
        (Self.look(at: line, separator, columns), line.count)
      }
      switch found {
      case (.plain(let key), let length)?: return (key, length)
      case (.blank(let cells), let length)?:
        if cells > 1 { emptyRecords += 1 }
        passPlain(length)
      case (.other, _)?, nil: return nil
      }
    }
  }

  /// Goes on behind a plain record.
  func passPlain(_ length: Int) {
    bytes.skip(length)
    line += 1
  }

  /// Goes on behind a plain record, and puts it in the place of what `row` holds.
  func takePlain(_ length: Int, into row: inout [UInt8]) {
    row.removeAll(keepingCapacity: true)
    bytes.copy(length, to: &row)
    passPlain(length)
  }

  private static func look(
    at line: UnsafeBufferPointer<UInt8>, _ separator: UInt8, _ columns: KeyColumns
  ) -> Line {
    var end = line.count - 1
    if end > 0, line[end - 1] == 0x0D { end -= 1 }
    var (cell, start, hasText) = (0, 0, false)
    var (id, scene) = (0..<0, 0..<0)
    var place = 0
    while place <= end {
      let byte = place < end ? line[place] : separator
      if byte == separator {
        if cell == columns.id { id = start..<place }
        if cell == columns.scene { scene = start..<place }
        (cell, start) = (cell + 1, place + 1)
      } else if byte == 0x22, place == start,
        let close = Self.quoted(line, from: place + 1, to: end),
        close + 1 == end || line[close + 1] == separator
      {
        if cell == columns.id { id = place + 1..<close }
        if cell == columns.scene { scene = place + 1..<close }
        hasText = hasText || close > place + 1
        (cell, start, place) = (cell + 1, close + 2, close + 1)
      } else if byte > 0x20, byte < 0x7F, byte != 0x22 {
        hasText = true
      } else if byte != 0x20 && byte != 0x09 {
        return .other
      }
      place += 1
    }
    guard hasText else { return .blank(cells: cell) }
    guard let key = ShardKey(id: trimmed(line, id), scene: trimmed(line, scene)) else {
      return .other
    }
    return .plain(key)
  }

  /// Where the quote that is open at `start` closes, of a cell of plain characters without blanks around them.
  private static func quoted(
    _ line: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int
  ) -> Int? {
    for place in start..<max(start, end) {
      let byte = line[place]
      if byte == 0x22 { return place == start || line[place - 1] != 0x20 ? place : nil }
      guard byte > 0x20 && byte < 0x7F || byte == 0x20 && place > start else { return nil }
    }
    return nil
  }

  private static func trimmed(
    _ line: UnsafeBufferPointer<UInt8>, _ cell: Range<Int>
  ) -> UnsafeBufferPointer<UInt8> {
    var (start, end) = (cell.lowerBound, cell.upperBound)
    while start < end, line[start] == 0x20 || line[start] == 0x09 { start += 1 }
    while start < end, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
    return UnsafeBufferPointer(rebasing: line[start..<end])
  }
}
