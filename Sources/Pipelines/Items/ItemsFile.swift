import Core

/// Items written down one a row, as CSV with a header, as JSON Lines or as a JSON list; read while they
/// are used, so that a million rows begin at once.
///
/// Columns are `id`, `scene`, `face` and any `stage.key`; others are carried along as the item's
/// `fields`; a column `error`, as in a run's list of what failed, is passed over. Relative paths count
/// from the list's own folder. A row that makes no sense fails alone. A row with `items` and `line`
/// stands for that line of another list: so a run's list of failures names what was signed.
public final class ItemsFile: Sequence, IteratorProtocol {
  enum Rows {
    case csv(CSVReader, meanings: [ItemColumns.Meaning])
    case lines(LineReader)
    case list(JSONListReader)
  }

  /// What a row says, by what its columns mean.
  typealias Values = [ItemColumns.Meaning: String]

  /// A row of the file, and what is wrong with its text.
  struct Row {
    var line: Int
    var values: Values
    var error: SwaplineError?
  }

  let path: String
  let isStandardInput: Bool
  let folder: String?
  let face: String?
  private let asksForFace: Bool
  let columns: ItemColumns
  let naming: NamePattern?
  private let note: (String) -> Void
  let rows: Rows
  /// The lines before the first row of a CSV list, as they stand.
  let header: [UInt8]
  /// The shard to read rows for; nil reads all of them.
  let shard: Shard?
  private var isOver = false
  var index = 0
  private var saidWindows = false
  /// Each id's line, by the id's hash: a name is some 40 bytes, a million of them too many.
  var lines: [Int: Int32] = [:]
  var references: [String: ReferencedList] = [:]
  private var meanings: [String: ItemColumns.Meaning] = [:]

  /// Opens a file of items; `-` is standard input. `face` is for rows that name none; `wantsFace` says
  /// whether one is needed, so that a column which looks like it is asked about; `stages` are the
  /// names of the pipeline's stages where they are known, `naming` makes each item's id, `base` is the
  /// folder or address that relative references count from, where that is not the file's own folder;
  /// `shard` leaves out the rows of all others, unless the file is that shard's part of a list; `note` is told
  /// what a person should know. Throws what is wrong with the file as a whole.
  public init(
    _ path: String, face: String? = nil, wantsFace: Bool = true, stages: Set<String>? = nil,
    naming: NamePattern? = nil, base: String? = nil, shard: Shard? = nil,
    note: @escaping (String) -> Void = { _ in }
  ) throws(SwaplineError) {
    self.shard = try shard?.unless(isPart: path)
    isStandardInput = path == "-"
    let name = isStandardInput ? "standard input" : path
    self.path = name
    self.face = face
    asksForFace = wantsFace && face == nil
    self.naming = naming
    self.note = note
    columns = ItemColumns(stages: stages)
    folder = base ?? Self.base(of: path)
    let bytes = try ByteReader(path)
    var line = 1
    while let byte = try bytes.peek(), [0x20, 0x0A, 0x0D].contains(byte) {
      _ = try bytes.next()
      if byte == 0x0A { line += 1 }
    }
    guard let start = try bytes.peek() else {
      // A shard without items is as good as any other.
      if shard != nil {
        (rows, header) = (.lines(LineReader(bytes, file: name)), [])
        return
      }
      throw SwaplineError(
        .usage, "\(isStandardInput ? "Standard input" : path) holds no items.",
        hint: "Write one item on each row.")
    }
    if start == UInt8(ascii: "{") {
      (rows, header) = (.lines(LineReader(bytes, file: name, after: line - 1)), [])
      return
    }
    if start == UInt8(ascii: "[") {
      _ = try bytes.next()
      (rows, header) = (.list(JSONListReader(bytes, file: name, line: line)), [])
      return
    }
    let (separator, skipped) = try CSVReader.separator(
      in: bytes, file: name, names: ItemColumns.plain)
    let csv = CSVReader(bytes, file: name, separator: separator, line: line + skipped - 1)
    csv.keepsRaw = true
    defer { csv.keepsRaw = false }
    do throws(SwaplineError) {
      let names = try csv.next()?.get()
      let meanings = try columns.meanings(of: names?.fields ?? [], asksForFace: asksForFace)
      try naming?.check(against: meanings)
      let mark = skipped > 1 ? Array("sep=".utf8) + [separator, UInt8(ascii: "\n")] : []
      (rows, header) = (.csv(csv, meanings: meanings), mark + csv.raw)
    } catch {
      throw error.at("\(name):\(line + skipped - 1)")
    }
  }

  /// How much of the file was read, 0 to 1; 0 where its length is not known.
  public var fraction: Double {
    switch rows {
    case .csv(let reader, _): reader.fraction
    case .lines(let reader): reader.fraction
    case .list(let reader): reader.fraction
    }
  }

  /// Every item of a file. Throws with the row's line number.
  public static func read(_ path: String, face: String? = nil) throws -> [Item] {
    let file = try ItemsFile(path, face: face)
    var items: [Item] = []
    for entry in file {
      switch entry {
      case .success(let item): items.append(item)
      case .failure(let failure): throw failure.error
      }
    }
    guard !items.isEmpty else {
      throw SwaplineError(.usage, "\(path) holds no items.", hint: "Write one item on each row.")
    }
    return items
  }

  /// The next item, or what is wrong with its row; nil behind the last.
  public func next() -> Result<Item, ItemFailure>? {
    guard !isOver else { return nil }
    do throws(SwaplineError) {
      while true {
        try passOthers()
        guard let row = try row() else {
          finish()
          return nil
        }
        index += 1
        if let shard, !shard.takes(ShardKey(row.values, line: row.line)) { continue }
        return item(row)
      }
    } catch {
      // Nobody knows any more where the next row begins.
      finish()
      return .failure(ItemFailure(Item(id: "list", scene: ""), error))
    }
  }

  private func finish() {
    isOver = true
    guard case .csv(let reader, _) = rows, reader.emptyRecords > 0 else { return }
    let count = reader.emptyRecords
    note("\(path): \(count) empty row\(count == 1 ? " was" : "s were") skipped")
  }

  // MARK: Rows

  func row() throws(SwaplineError) -> Row? {
    switch rows {
    case .csv(let reader, let meanings):
      let line = reader.nextLine
      guard let next = try reader.next() else { return nil }
      switch next {
      case .success(let record): return row(record, meanings)
      case .failure(let error): return Row(line: error.line ?? line, values: [:], error: error)
      }
    case .lines(let reader): return try reader.next().map(row(of:))
    case .list(let reader): return try reader.next().map(row(of:))
    }
  }

  private func row(_ record: CSVReader.Record, _ meanings: [ItemColumns.Meaning]) -> Row {
    if record.isWindows { noteWindows(record.line) }
    var row = Row(line: record.line, values: [:])
    for (meaning, field) in zip(meanings, record.fields) where !field.isEmpty {
      row.values[meaning] = field
    }
    let surplus = record.fields.dropFirst(meanings.count)
    if !surplus.allSatisfy(\.isEmpty) {
      row.error = SwaplineError(
        .usage, "The row has \(record.fields.count) fields for \(meanings.count) columns.",
        hint: "Put a field that contains the separator into double quotes.")
    }
    return row
  }

  func row(of next: Result<JSONRow, SwaplineError>) -> Row {
    switch next {
    case .failure(let error): return Row(line: error.line ?? 0, values: [:], error: error)
    case .success(let text):
      var row = Row(line: text.line, values: [:])
      do throws(SwaplineError) {
        row.values = try values(text)
      } catch {
        row.error = error
      }
      return row
    }
  }

  func values(_ row: JSONRow) throws(SwaplineError) -> Values {
    guard let (text, isWindows) = RowText.read(row.text) else {
      throw SwaplineError(
        .usage, "The row is neither UTF-8 nor Windows-1252 text.", hint: "Save the file as UTF-8.")
    }
    if isWindows { noteWindows(row.line) }
    let value: JSONValue
    do throws(SwaplineError) {
      value = try JSONValue(parsing: isWindows ? Array(text.utf8) : row.text)
    } catch {
      throw SwaplineError(
        .usage, "The row is not a JSON object: \(error.message.jsonReason)",
        hint: "Write {\"scene\": …, \"face\": …}.")
    }
    guard case .object(let parts) = value else {
      throw SwaplineError(
        .usage, "The row is not a JSON object.", hint: "Write {\"scene\": …, \"face\": …}.")
    }
    var values: Values = [:]
    for (key, part) in parts where part != .null {
      let meaning = try meaning(of: key)
      guard part.string != nil || ![.scene, .face].contains(meaning) else {
        throw SwaplineError(
          .usage, "'\(key)' must be a string.", hint: "Write the file's name in double quotes.")
      }
      let text = part.string ?? (try? JSONText.line(part)) ?? ""
      guard !text.isEmpty else { continue }
      // Which of them counts must not depend on chance.
      guard values.updateValue(text, forKey: meaning) == nil else {
        throw SwaplineError(
          .usage, "The row names '\(meaning.name)' twice.", hint: "Keep one of them.")
      }
    }
    if asksForFace, values[.face] == nil, let name = columns.misspelt("face", in: parts.keys) {
      throw SwaplineError(
        .usage, "The row has no 'face', but '\(name)'.",
        hint: "Did you mean 'face'? Otherwise rename it, or name the face with --face.")
    }
    return values
  }

  private func meaning(of key: String) throws(SwaplineError) -> ItemColumns.Meaning {
    if let known = meanings[key] { return known }
    let meaning = try columns.meaning(of: key)
    // Keys that differ from row to row would fill the memory.
    if meanings.count < 1_000 { meanings[key] = meaning }
    return meaning
  }

  private func noteWindows(_ line: Int) {
    guard !saidWindows else { return }
    saidWindows = true
    note(
      "\(path):\(line) is not UTF-8; it and rows like it are read as Windows-1252. Save the list as "
        + "UTF-8 to be sure")
  }
}

extension SwaplineError {
  /// The line number that its place ends with.
  fileprivate var line: Int? {
    place.flatMap { $0.split(separator: ":").last.flatMap { Int($0) } }
  }
}

extension String {
  fileprivate var jsonReason: String {
    firstRange(of: ": ").map { String(self[$0.upperBound...]) } ?? self
  }
}
