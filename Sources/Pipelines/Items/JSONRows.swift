import Core

/// JSON Lines, those without text passed over.
final class LineReader {
  private let bytes: ByteReader
  private let file: String
  private var line = 0

  init(_ bytes: ByteReader, file: String, after line: Int = 0) {
    self.bytes = bytes
    self.file = file
    self.line = line
  }

  var fraction: Double { bytes.fraction }

  /// The next line, or that it is too long.
  func next() throws(SwaplineError) -> Result<JSONRow, SwaplineError>? {
    while try bytes.peek() != nil {
      line += 1
      if let text = try bytes.withLine(limit: CSVReader.longest, Self.plainLine) ?? nil {
        bytes.skip(text.length)
        if text.hasText { return .success(JSONRow(line: line, text: text.bytes)) }
        continue
      }
      var text: [UInt8] = []
      var isLong = false
      var hasText = false
      while let byte = try bytes.next() {
        if byte == UInt8(ascii: "\n") { break }
        if byte == UInt8(ascii: "\r") {
          if try bytes.peek() == UInt8(ascii: "\n") { _ = try bytes.next() }
          break
        }
        hasText = hasText || byte > 0x20
        if text.count < CSVReader.longest { text.append(byte) } else { isLong = true }
      }
      if isLong { return .failure(.tooLong("\(file):\(line)")) }
      if hasText { return .success(JSONRow(line: line, text: text)) }
    }
    return nil
  }
}

extension LineReader {
  /// A line that ends with `\n` or `\r\n`; nil where another end stands in it.
  private static func plainLine(
    _ line: UnsafeBufferPointer<UInt8>
  ) -> (bytes: [UInt8], length: Int, hasText: Bool)? {
    var text = line.dropLast()
    if text.last == UInt8(ascii: "\r") { text = text.dropLast() }
    guard !text.contains(UInt8(ascii: "\r")) else { return nil }
    return (Array(text), line.count, text.contains { $0 > 0x20 })
  }
}

/// The text of one JSON object and the line that it begins in.
struct JSONRow {
  var line: Int
  var text: [UInt8]
}

/// The elements of one JSON list, however they are broken into lines, one at a time.
final class JSONListReader {
  private let bytes: ByteReader
  private let file: String
  private var line: Int
  private var isOver = false

  /// A reader of `bytes`, which stand behind the opening bracket.
  init(_ bytes: ByteReader, file: String, line: Int) {
    self.bytes = bytes
    self.file = file
    self.line = line
  }

  var fraction: Double { bytes.fraction }

  /// The next element, or what is wrong with it; what follows a broken one cannot be told from it, so
  /// that a list that is never closed ends there.
  func next() throws(SwaplineError) -> Result<JSONRow, SwaplineError>? {
    guard !isOver else { return nil }
    var text: [UInt8] = []
    var start = line
    var (depth, isText, isEscaped, isLong) = (0, false, false, false)
    while let byte = try bytes.next() {
      if byte == UInt8(ascii: "\n") { line += 1 }
      if !isText, depth == 0 {
        if byte == UInt8(ascii: "]") {
          isOver = true
          return text.isEmpty ? nil : .success(JSONRow(line: start, text: text))
        }
        if byte == UInt8(ascii: ",") {
          if isLong { return .failure(.tooLong("\(file):\(start)")) }
          if !text.isEmpty { return .success(JSONRow(line: start, text: text)) }
          continue
        }
        if byte <= 0x20, text.isEmpty { continue }
        if text.isEmpty { start = line }
      }
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
      } else {
        switch byte {
        case UInt8(ascii: "\""): isText = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
      }
      if text.count < CSVReader.longest { text.append(byte) } else { isLong = true }
    }
    isOver = true
    return .failure(
      SwaplineError(
        .usage, "The list of items is never closed.",
        hint: "End it with ']'; the file may have been cut off.", place: "\(file):\(start)"))
  }
}

extension SwaplineError {
  fileprivate static func tooLong(_ place: String) -> SwaplineError {
    SwaplineError(
      .usage, "The row is longer than \(CSVReader.longest >> 20) MiB.",
      hint: "Shorten it; check that the file is a list of items.", place: place)
  }
}
