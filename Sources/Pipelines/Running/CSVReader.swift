import Core

/// Comma-separated values as RFC 4180 has them, a record at a time.
final class CSVReader {
  struct Record {
    var line: Int
    var fields: [String]
  }

  private let file: String
  private var bytes: ByteReader
  private var line = 1

  init(_ bytes: ByteReader, file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// How much of the file was read, 0 to 1.
  var fraction: Double { bytes.size > 0 ? Double(bytes.offset) / Double(bytes.size) : 0 }

  /// The next record; empty lines are passed over. Nil behind the last.
  func next() throws(SwaplineError) -> Record? {
    while true {
      let start = line
      guard let fields = try record(start) else { return nil }
      if fields != [""] { return Record(line: start, fields: fields) }
    }
  }

  private func record(_ start: Int) throws(SwaplineError) -> [String]? {
    guard try bytes.peek() != nil else { return nil }
    var fields: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    while let byte = try bytes.next() {
      if byte == UInt8(ascii: "\n") { line += 1 }
      if isQuoted {
        guard byte == UInt8(ascii: "\"") else {
          field.append(byte)
          continue
        }
        if try bytes.peek() == byte {
          field.append(byte)
          _ = try bytes.next()
          continue
        }
        isQuoted = false
        guard
          [nil, UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
            .contains(try bytes.peek())
        else {
          throw SwaplineError(
            .usage, "Text follows a closed double quote.",
            hint: "Double the quotes that belong to the text, and quote the whole field.",
            place: "\(file):\(line)")
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\"") where field.isEmpty: isQuoted = true
      case UInt8(ascii: ","):
        fields.append(try text(field))
        field = []
      case UInt8(ascii: "\r"):
        if try bytes.peek() == UInt8(ascii: "\n") { continue }
        return fields + [try text(field)]
      case UInt8(ascii: "\n"): return fields + [try text(field)]
      default: field.append(byte)
      }
    }
    guard !isQuoted else {
      throw SwaplineError(
        .usage, "A double quote is opened and never closed.",
        hint: "Close it, or double it where it belongs to the text.", place: "\(file):\(start)")
    }
    return fields + [try text(field)]
  }

  private func text(_ bytes: [UInt8]) throws(SwaplineError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SwaplineError(
        .usage, "\(file) is no UTF-8 text.", hint: "Save it as UTF-8.", place: "\(file):\(line)")
    }
    return text
  }
}
