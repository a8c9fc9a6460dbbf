import Core

/// Items written down one a row, as CSV with a header or as JSON Lines; read while they are used, so
/// that a million rows begin at once.
///
/// Columns are `id`, `scene`, `face` and any `stage.key`; a column `error`, as in a run's list of what
/// failed, is passed over.
public final class ItemsFile: Sequence, IteratorProtocol {
  private enum Rows {
    case csv(CSVReader, names: [String])
    case json(LineReader)
  }

  /// A row as it stands in the file: its end is known, whatever is wrong within.
  private struct Row {
    enum Text {
      case csv([String], names: [String])
      case json([UInt8])
    }

    var line: Int
    var text: Text
  }

  private let path: String
  private let face: String?
  private let rows: Rows
  private var isOver = false
  /// Each id's line, by the id's hash: a name is some 40 bytes, a million of them too many.
  private var lines: [Int: Int32] = [:]

  /// Opens a file of items; `face` is for rows that name none. Throws what is wrong with the file as a
  /// whole.
  public init(_ path: String, face: String? = nil) throws(SwaplineError) {
    self.path = path
    self.face = face
    let bytes = try ByteReader(path)
    var mark = Array("\u{FEFF}".utf8)[...]
    while let first = mark.first, try bytes.peek() == first {
      _ = try bytes.next()
      mark.removeFirst()
    }
    while let byte = try bytes.peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
      _ = try bytes.next()
    }
    guard let start = try bytes.peek() else {
      throw SwaplineError(.usage, "\(path) holds no items.", hint: "Write one item a row.")
    }
    if start == UInt8(ascii: "{") {
      rows = .json(LineReader(bytes))
      return
    }
    let csv = CSVReader(bytes, file: path)
    let header = try csv.next()
    let names = header?.fields.map { $0.filter { !$0.isWhitespace } } ?? []
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
    for name in names { try Self.check(column: name, place: "\(path):1") }
    rows = .csv(csv, names: names)
  }

  /// How much of the file was read, 0 to 1.
  public var fraction: Double {
    switch rows {
    case .csv(let reader, _): reader.fraction
    case .json(let reader): reader.fraction
    }
  }

  /// Every item of a file. Throws with the row's line number.
  public static func read(_ path: String, face: String? = nil) throws -> [Item] {
    let file = try ItemsFile(path, face: face)
    let items = try file.map { try $0.get() }
    guard !items.isEmpty else {
      throw SwaplineError(.usage, "\(path) holds no items.", hint: "Write one item a row.")
    }
    return items
  }

  /// The next item, or what is wrong with its row; nil behind the last.
  public func next() -> Result<Item, SwaplineError>? {
    guard !isOver else { return nil }
    do throws(SwaplineError) {
      guard let row = try row() else {
        isOver = true
        return nil
      }
      return item(row)
    } catch {
      // The reader does not know any more where the next row begins.
      isOver = true
      return .failure(error)
    }
  }

  private func item(_ row: Row) -> Result<Item, SwaplineError> {
    do throws(SwaplineError) {
      let line = row.line
      let item = try made(try fields(row), line: line)
      if let first = lines.updateValue(Int32(clamping: line), forKey: item.id.hashValue) {
        throw SwaplineError(
          .usage, "Two items are called '\(item.id)', in lines \(first) and \(line).",
          hint: "Give each an id of its own.", place: "\(path):\(line)")
      }
      return .success(item)
    } catch {
      return .failure(error)
    }
  }

  private func made(_ row: [String: String], line: Int) throws(SwaplineError) -> Item {
    let place = "\(path):\(line)"
    guard let scene = row["scene"], !scene.isEmpty else {
      throw SwaplineError(
        .usage, "The row has no scene.", hint: "Fill in the column 'scene'.", place: place)
    }
    var overrides: [String: String] = [:]
    for (key, value) in row where !Self.own.contains(key) {
      try Self.check(column: key, place: place)
      if !value.isEmpty { overrides[key] = value }
    }
    let own = row["face"].flatMap { $0.isEmpty ? nil : $0 }
    let id = row["id"].flatMap { $0.isEmpty ? nil : $0 }
    return Item(id: id, scene: scene, face: own ?? face, overrides: overrides)
  }

  private static let own = ["id", "scene", "face", "error"]

  private static func check(column name: String, place: String) throws(SwaplineError) {
    guard !own.contains(name), !name.contains(".") else { return }
    throw SwaplineError(
      .usage, "There is no column '\(name)'.",
      hint: Suggestion.nearest(to: name, among: ["id", "scene", "face"])
        .map { "Did you mean '\($0)'?" } ?? "Columns are id, scene, face and stage.key.",
      place: place)
  }

  private func row() throws(SwaplineError) -> Row? {
    switch rows {
    case .csv(let reader, let names):
      try reader.next().map { Row(line: $0.line, text: .csv($0.fields, names: names)) }
    case .json(let reader):
      try reader.next().map { Row(line: $0.line, text: .json($0.text)) }
    }
  }

  private func fields(_ row: Row) throws(SwaplineError) -> [String: String] {
    let place = "\(path):\(row.line)"
    switch row.text {
    case .csv(let fields, let names):
      guard fields.count <= names.count else {
        throw SwaplineError(
          .usage, "The row has \(fields.count) fields for \(names.count) columns.",
          hint: "Put a field with a comma into double quotes.", place: place)
      }
      return Dictionary(zip(names, fields), uniquingKeysWith: { _, last in last })
    case .json(let text): return try Self.fields(text, place: place)
    }
  }

  private static func fields(
    _ line: [UInt8], place: String
  ) throws(SwaplineError) -> [String: String] {
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
    return row
  }
}

/// Lines of a file, those without text passed over.
final class LineReader {
  private var bytes: ByteReader
  private var line = 0

  init(_ bytes: ByteReader) {
    self.bytes = bytes
  }

  var fraction: Double { bytes.size > 0 ? Double(bytes.offset) / Double(bytes.size) : 0 }

  func next() throws(SwaplineError) -> (line: Int, text: [UInt8])? {
    while try bytes.peek() != nil {
      line += 1
      var text: [UInt8] = []
      while let byte = try bytes.next(), byte != UInt8(ascii: "\n") { text.append(byte) }
      if text.contains(where: { $0 > 0x20 }) { return (line, text) }
    }
    return nil
  }
}
