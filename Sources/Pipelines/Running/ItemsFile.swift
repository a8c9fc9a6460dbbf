import Core

/// Items written down one a row, as CSV with a header or as JSON Lines.
public enum ItemsFile {
  /// Reads the items of a file. `face` is for rows that name none.
  ///
  /// Columns are `id`, `scene`, `face` and any `stage.key`. Throws with the row's line number.
  public static func read(_ path: String, face: String? = nil) throws(SwaplineError) -> [Item] {
    let text = try text(of: path)
    let isJSON = text.first { !$0.isWhitespace } == "{"
    let rows = isJSON ? try jsonRows(text, path) : try csvRows(text, path)
    guard !rows.isEmpty else {
      throw SwaplineError(.usage, "\(path) holds no items.", hint: "Write one item a row.")
    }
    var items: [Item] = []
    var lines: [String: Int] = [:]
    for (line, row) in rows {
      let item = try item(row, line: line, path: path, face: face)
      if let first = lines[item.id] {
        throw SwaplineError(
          .usage, "Two items are called '\(item.id)', in lines \(first) and \(line).",
          hint: "Give each an id of its own.", place: "\(path):\(line)")
      }
      lines[item.id] = line
      items.append(item)
    }
    return items
  }

  private static func text(of path: String) throws(SwaplineError) -> String {
    let bytes: [UInt8]
    do throws(SwaplineError) {
      bytes = try FileSystem.read(path, limit: 1 << 28)
    } catch {
      throw SwaplineError(.usage, error.message, hint: error.hint, place: error.place)
    }
    let mark = Array("\u{FEFF}".utf8)
    let body = bytes.dropFirst(bytes.starts(with: mark) ? mark.count : 0)
    guard let text = String(validating: body, as: UTF8.self) else {
      throw SwaplineError(
        .usage, "\(path) is no UTF-8 text.", hint: "Save it as UTF-8.", place: path)
    }
    return text
  }

  private static func item(
    _ row: [String: String], line: Int, path: String, face: String?
  ) throws(SwaplineError) -> Item {
    guard let scene = row["scene"], !scene.isEmpty else {
      throw SwaplineError(
        .usage, "The row has no scene.", hint: "Fill in the column 'scene'.",
        place: "\(path):\(line)")
    }
    var overrides: [String: String] = [:]
    for (key, value) in row where !["id", "scene", "face"].contains(key) {
      guard key.contains(".") else {
        throw SwaplineError(
          .usage, "There is no column '\(key)'.",
          hint: Suggestion.nearest(to: key, among: ["id", "scene", "face"])
            .map { "Did you mean '\($0)'?" } ?? "Columns are id, scene, face and stage.key.",
          place: "\(path):\(line)")
      }
      if !value.isEmpty { overrides[key] = value }
    }
    let own = row["face"].flatMap { $0.isEmpty ? nil : $0 }
    let id = row["id"].flatMap { $0.isEmpty ? nil : $0 }
    return Item(id: id, scene: scene, face: own ?? face, overrides: overrides)
  }

  private static func jsonRows(
    _ text: String, _ path: String
  ) throws(SwaplineError) -> [(Int, [String: String])] {
    var rows: [(Int, [String: String])] = []
    // By bytes: to a String a carriage return and a line feed are one character.
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated()
    where Substring(line).contains(where: { !$0.isWhitespace }) {
      let place = "\(path):\(index + 1)"
      guard let value = try? JSONValue(parsing: line), case .object(let parts) = value else {
        throw SwaplineError(
          .usage, "The line is no JSON object.", hint: "Write {\"scene\": …, \"face\": …}.",
          place: place)
      }
      var row: [String: String] = [:]
      for (key, part) in parts where part != .null {
        guard part.string != nil || !["scene", "face"].contains(key) else {
          throw SwaplineError(
            .usage, "'\(key)' is no text.", hint: "Write the file's name in double quotes.",
            place: place)
        }
        row[key] = part.string ?? (try? JSONText.line(part)) ?? ""
      }
      rows.append((index + 1, row))
    }
    return rows
  }

  private static func csvRows(
    _ text: String, _ path: String
  ) throws(SwaplineError) -> [(Int, [String: String])] {
    var records = try CSV.records(text, file: path)[...]
    guard let header = records.popFirst() else { return [] }
    let names = header.fields.map { $0.filter { !$0.isWhitespace } }
    guard names.contains("scene") else {
      throw SwaplineError(
        .usage, "The first line names no column 'scene'.",
        hint: "Begin the file with 'id,scene,face'.", place: "\(path):1")
    }
    var seen: Set<String> = []
    if let twice = names.first(where: { !seen.insert($0).inserted }) {
      throw SwaplineError(
        .usage, "The column '\(twice)' stands twice in the first line.", hint: "Keep one.",
        place: "\(path):1")
    }
    var rows: [(Int, [String: String])] = []
    for record in records {
      guard record.fields.count <= names.count else {
        throw SwaplineError(
          .usage, "The row has \(record.fields.count) fields for \(names.count) columns.",
          hint: "Put a field with a comma into double quotes.", place: "\(path):\(record.line)")
      }
      rows.append(
        (record.line, Dictionary(zip(names, record.fields), uniquingKeysWith: { _, last in last })))
    }
    return rows
  }
}

/// Comma-separated values as RFC 4180 has them.
enum CSV {
  struct Record {
    var line: Int
    var fields: [String]
  }

  /// The records of a text; empty lines are passed over.
  static func records(_ text: String, file: String) throws(SwaplineError) -> [Record] {
    var records: [Record] = []
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    var line = 1
    var start = 1
    var scalars = Array(text.unicodeScalars)[...]
    func end() {
      fields.append(field)
      if fields != [""] { records.append(Record(line: start, fields: fields)) }
      fields = []
      field = ""
      start = line
    }
    while let scalar = scalars.popFirst() {
      if scalar == "\n" { line += 1 }
      if isQuoted {
        if scalar != "\"" {
          field.unicodeScalars.append(scalar)
        } else if scalars.first == "\"" {
          field.append("\"")
          scalars = scalars.dropFirst()
        } else {
          isQuoted = false
          guard [nil, ",", "\n", "\r"].contains(scalars.first) else {
            throw SwaplineError(
              .usage, "Text follows a closed double quote.",
              hint: "Double the quotes that belong to the text, and quote the whole field.",
              place: "\(file):\(line)")
          }
        }
        continue
      }
      switch scalar {
      case "\"" where field.isEmpty: isQuoted = true
      case ",":
        fields.append(field)
        field = ""
      case "\r" where scalars.first == "\n": break
      case "\n", "\r": end()
      default: field.unicodeScalars.append(scalar)
      }
    }
    guard !isQuoted else {
      throw SwaplineError(
        .usage, "A double quote is opened and never closed.",
        hint: "Close it, or double it where it belongs to the text.", place: "\(file):\(start)")
    }
    end()
    return records
  }
}
