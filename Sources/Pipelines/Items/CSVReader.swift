import Core

/// Separated values as RFC 4180 has them and as spreadsheets write them, a record at a time. What is
/// wrong with a record costs that record alone: reading goes on in the line behind its first.
final class CSVReader {
  struct Record {
    /// The line that it begins in, from 1.
    var line: Int
    var fields: [String]
    /// Whether it was not UTF-8, and read as Windows-1252.
    var isWindows = false

    /// Whether nothing is in it, as in the rows that spreadsheets write below their tables.
    var isEmpty: Bool { fields.allSatisfy(\.isEmpty) }
  }

  /// The longest record, in bytes: an open quote must not swallow a file.
  static let longest = 1 << 20
  /// How much of a broken record is kept as it stands, in bytes.
  private static let shownOfBroken = 1 << 12

  private let file: String
  let bytes: ByteReader
  let separator: UInt8
  var line: Int
  /// How many records were skipped because they are empty; blank lines do not count.
  var emptyRecords = 0
  /// Whether to store the bytes of each record in `raw`.
  var keepsRaw = false
  /// The bytes of the last record, its end of line included; of a broken one those of its first line.
  private(set) var raw: [UInt8] = []

  /// A reader of what follows in `bytes`, whose next line is number `line`.
  init(_ bytes: ByteReader, file: String, separator: UInt8 = UInt8(ascii: ","), line: Int = 1) {
    self.bytes = bytes
    self.file = file
    self.separator = separator
    self.line = line
  }

  /// How much of the file was read, 0 to 1.
  var fraction: Double { bytes.fraction }
  /// The number of the line that is read next.
  var nextLine: Int { line }

  /// The next record, or what is wrong with it; those without text are passed over. Nil behind the
  /// last. Throws when the file cannot be read.
  func next() throws(SwaplineError) -> Result<Record, SwaplineError>? {
    while try bytes.peek() != nil {
      let start = line
      bytes.setMark()
      switch try record(start) {
      case .success(let record):
        if keepsRaw { raw = Array(bytes.marked) }
        bytes.dropMark()
        guard record.isEmpty else { return .success(record) }
        if record.fields.count > 1 { emptyRecords += 1 }
      case .failure(let error):
        bytes.rewind()
        raw = []
        try skipLine()
        line = start + 1
        return .failure(error.at("\(file):\(start)"))
      }
    }
    return nil
  }

  private func skipLine() throws(SwaplineError) {
    while let byte = try bytes.next() {
      // The start of a line without end is enough.
      if keepsRaw, raw.count < Self.shownOfBroken { raw.append(byte) }
      if byte == UInt8(ascii: "\n") { return }
      if byte == UInt8(ascii: "\r") {
        if try bytes.peek() == UInt8(ascii: "\n") { _ = try bytes.next() }
        return
      }
    }
  }

  private enum State { case blank, plain, quoted, closed }

  private func record(_ start: Int) throws(SwaplineError) -> Result<Record, SwaplineError> {
    var record = Record(line: start, fields: [])
    var field: [UInt8] = []
    var state = State.blank
    var count = 0

    func end() -> SwaplineError? {
      guard let (text, isWindows) = RowText.read(field) else {
        return SwaplineError(
          .usage, "The row is neither UTF-8 nor Windows-1252 text.", hint: "Save the file as UTF-8."
        )
      }
      guard !field.contains(0) else {
        return SwaplineError(
          .usage, "The row contains a zero byte.", hint: "Save the file as UTF-8.")
      }
      if isWindows { record.isWindows = true }
      record.fields.append(state == .closed ? text : text.trimmedBlanks)
      field.removeAll(keepingCapacity: true)
      state = .blank
      return nil
    }

    while let byte = try bytes.next() {
      count += 1
      guard count <= Self.longest else {
        return .failure(
          state == .quoted && line > start
            ? Self.unclosed
            : SwaplineError(
              .usage, "The row is longer than \(Self.longest >> 20) MiB.",
              hint: "Shorten it; check that the file is a list of items."))
      }
      let isReturn = byte == UInt8(ascii: "\r")
      if isReturn || byte == UInt8(ascii: "\n") {
        let isPair = isReturn ? try bytes.peek() == UInt8(ascii: "\n") : false
        if isPair { _ = try bytes.next() }
        line += 1
        if state == .quoted {
          field.append(byte)
          if isPair { field.append(UInt8(ascii: "\n")) }
          continue
        }
        if let error = end() { return .failure(error) }
        return .success(record)
      }
      switch state {
      case .quoted:
        if byte != UInt8(ascii: "\"") {
          field.append(byte)
        } else if try bytes.peek() == byte {
          _ = try bytes.next()
          field.append(byte)
        } else {
          state = .closed
        }
      case _ where byte == separator:
        if let error = end() { return .failure(error) }
      case .blank where byte == UInt8(ascii: "\""): state = .quoted
      case .blank where byte == 0x20 || byte == 0x09: break
      case .blank, .plain:
        state = .plain
        field.append(byte)
      case .closed where byte == 0x20 || byte == 0x09: break
      case .closed:
        return .failure(
          line > start
            ? Self.unclosed
            : SwaplineError(
              .usage, "Text follows a closed double quote.",
              hint: "Double the quotes that belong to the text, and quote the whole field."))
      }
    }
    if state == .quoted { return .failure(Self.unclosed) }
    line += 1
    if let error = end() { return .failure(error) }
    return .success(record)
  }

  private static let unclosed = SwaplineError(
    .usage, "A double quote is opened and never closed.",
    hint: "Close it, or double it where it belongs to the text.")
}

extension CSVReader {
  /// What separates the fields, and how many lines say so before the header.
  ///
  /// Excel writes the semicolon where a comma is for decimals, and understands a first line `sep=;`.
  /// Else the header tells: the separator that finds the column `scene` in it, of several the one that
  /// finds the most columns.
  static func separator(
    in bytes: ByteReader, file: String, names: (String) -> String
  ) throws(SwaplineError) -> (separator: UInt8, line: Int) {
    bytes.setMark()
    if let first = try firstLine(bytes) {
      let text = String(decoding: first.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
      if text.lowercased().hasPrefix("sep="), let byte = text.utf8.dropFirst(4).first {
        bytes.dropMark()
        return (byte, 2)
      }
    }
    bytes.rewind()
    var best = (separator: UInt8(ascii: ","), columns: 1, isSure: false)
    for separator in [",", ";", "\t", "|"].map({ UInt8(ascii: $0) }) {
      bytes.setMark()
      let header = try CSVReader(bytes, file: file, separator: separator).header()
      bytes.rewind()
      let isSure = header.contains { names($0) == "scene" }
      if isSure != best.isSure ? isSure : header.count > best.columns {
        best = (separator, header.count, isSure)
      }
    }
    return (best.separator, 1)
  }

  /// The first record without moving any mark; empty when there is none.
  private func header() throws(SwaplineError) -> [String] {
    try record(1).map(\.fields).getOrEmpty
  }

  private static func firstLine(_ bytes: ByteReader) throws(SwaplineError) -> [UInt8]? {
    var line: [UInt8] = []
    while let byte = try bytes.next(), line.count < 64 {
      if byte == UInt8(ascii: "\n") { return line }
      if byte == UInt8(ascii: "\r") {
        if try bytes.peek() == UInt8(ascii: "\n") { _ = try bytes.next() }
        return line
      }
      line.append(byte)
    }
    return nil
  }
}

extension Result<[String], SwaplineError> {
  fileprivate var getOrEmpty: [String] { (try? get()) ?? [] }
}

extension String {
  /// Without blanks around it, those of no width and no breaking included.
  var trimmedBlanks: String {
    func isBlank(_ character: Character) -> Bool {
      character.isWhitespace || character == "\u{FEFF}" || character == "\u{200B}"
    }
    guard let first, let last, isBlank(first) || isBlank(last) else { return self }
    let start = drop(while: isBlank)
    guard let end = start.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(start[...end])
  }
}
