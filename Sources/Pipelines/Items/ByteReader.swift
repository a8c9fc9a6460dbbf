import Core
import Glibc

/// A text file's bytes as UTF-8, one after the other, a piece in memory at a time. UTF-16 is
/// converted; what claims to be UTF-8 is left for the reader of a row to look at.
final class ByteReader {
  private enum Encoding {
    case bytes
    case utf16(isLittle: Bool)
  }

  private let name: String
  private let file: Int32
  private let isOurs: Bool
  private var encoding = Encoding.bytes
  private var raw = [UInt8](repeating: 0, count: 1 << 16)
  /// Bytes at the front of `raw` that are not converted yet.
  private var held = 0
  private var piece: [UInt8] = []
  private var place = 0
  private var mark: Int?
  private var received: Int64 = 0
  /// How many bytes the file has; 0 where it does not say, as a pipe.
  let size: Int64

  /// Opens the file at `path`; `-` is standard input.
  init(_ path: String) throws(SwaplineError) {
    isOurs = path != "-"
    name = isOurs ? path : "Standard input"
    let file = isOurs ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
    var facts = stat()
    guard file >= 0, fstat(file, &facts) == 0 else {
      let reason = String(cString: strerror(errno))
      if isOurs, file >= 0 { close(file) }
      throw SwaplineError(
        .usage, "\(name) cannot be read: \(reason).", hint: "Check the path and who may read it.",
        place: name)
    }
    guard facts.st_mode & S_IFMT != S_IFDIR else {
      if isOurs { close(file) }
      throw SwaplineError(
        .usage, "\(name) is a folder.", hint: "Give it as --scene, or name a CSV or JSONL file.",
        place: name)
    }
    self.file = file
    size = facts.st_mode & S_IFMT == S_IFREG ? Int64(facts.st_size) : 0
    try recognize()
  }

  deinit { if isOurs { close(file) } }

  /// How much of the file was read, 0 to 1.
  var fraction: Double {
    size > 0 ? Double(received - Int64(piece.count - place)) / Double(size) : 0
  }

  // Spreadsheets that write "Unicode text" mean UTF-16 with a mark.
  private func recognize() throws(SwaplineError) {
    while held < 4, try receive() {}
    let head = raw[..<held]
    if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) {
      throw SwaplineError(
        .usage, "\(name) is UTF-32 text.", hint: "Save it as UTF-8.", place: name)
    }
    var mark = 0
    if head.starts(with: [0xFF, 0xFE]) {
      (encoding, mark) = (.utf16(isLittle: true), 2)
    } else if head.starts(with: [0xFE, 0xFF]) {
      (encoding, mark) = (.utf16(isLittle: false), 2)
    } else if head.starts(with: [0xEF, 0xBB, 0xBF]) {
      mark = 3
    } else if head.count >= 2, (head[0] == 0) != (head[1] == 0) {
      // No text of ASCII letters has zeros between them otherwise.
      encoding = .utf16(isLittle: head[1] == 0)
    }
    raw.replaceSubrange(..<mark, with: [])
    raw += [UInt8](repeating: 0, count: mark)
    held -= mark
    convert(isEnd: false)
  }

  /// The next byte; nil behind the last.
  func next() throws(SwaplineError) -> UInt8? {
    if place == piece.count, try !fill() { return nil }
    defer { place += 1 }
    return piece[place]
  }

  /// The byte that comes next, which stays there.
  func peek() throws(SwaplineError) -> UInt8? {
    if place == piece.count, try !fill() { return nil }
    return piece[place]
  }

  /// Keeps what is read from here on, for `rewind()`.
  func setMark() { mark = place }

  /// Goes back to the mark, and forgets it.
  func rewind() {
    place = mark ?? place
    mark = nil
  }

  /// Forgets the mark.
  func dropMark() { mark = nil }

  /// Lends the next line, its end included, which stays there until it is skipped; nil where the file ends
  /// before the line does, and for a line of more than `limit` bytes.
  func withLine<Value>(
    limit: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Value
  ) throws(SwaplineError) -> Value? {
    var searched = 0
    while true {
      let length: Int? = piece.withUnsafeBytes { buffer in
        let from = place + searched
        guard let base = buffer.baseAddress, from < buffer.count,
          let found = memchr(base + from, 0x0A, buffer.count - from)
        else { return nil }
        return UnsafeRawPointer(found) - (base + place) + 1
      }
      if let length {
        guard length <= limit else { return nil }
        return piece.withUnsafeBufferPointer { buffer in
          body(UnsafeBufferPointer(rebasing: buffer[place..<place + length]))
        }
      }
      searched = piece.count - place
      guard searched < limit, try fill() else { return nil }
    }
  }

  /// Adds bytes that were lent to `target`.
  func copy(_ count: Int, to target: inout [UInt8]) {
    target.append(contentsOf: piece[place..<place + count])
  }

  /// Passes over bytes that were lent.
  func skip(_ count: Int) { place += count }

  /// What was read since the mark.
  var marked: ArraySlice<UInt8> { piece[(mark ?? place)..<place] }

  /// Reads more behind what is held.
  private func fill() throws(SwaplineError) -> Bool {
    let kept = mark ?? place
    piece.removeFirst(kept)
    place -= kept
    if mark != nil { mark = 0 }
    let before = piece.count
    while piece.count == before {
      let isMore = try receive()
      convert(isEnd: !isMore)
      if !isMore { return piece.count > before }
    }
    return true
  }

  /// Reads behind what is held; false at the end.
  private func receive() throws(SwaplineError) -> Bool {
    while true {
      let count = raw.withUnsafeMutableBytes { buffer in
        read(file, buffer.baseAddress?.advanced(by: held), buffer.count - held)
      }
      if count > 0 {
        held += count
        received += Int64(count)
        return true
      }
      if count == 0 { return false }
      guard errno == EINTR else {
        throw SwaplineError(
          .usage, "\(name) cannot be read: \(String(cString: strerror(errno))).", place: name)
      }
    }
  }

  private func convert(isEnd: Bool) {
    guard case .utf16(let isLittle) = encoding else {
      piece.append(contentsOf: raw[..<held])
      held = 0
      return
    }
    func unit(_ index: Int) -> UInt32 {
      let (first, second) = (UInt32(raw[index]), UInt32(raw[index + 1]))
      return isLittle ? second << 8 | first : first << 8 | second
    }
    var index = 0
    while index + 1 < held {
      var value = unit(index)
      if (0xD800...0xDBFF).contains(value) {
        guard index + 3 < held || isEnd else { break }
        if index + 3 < held, (0xDC00...0xDFFF).contains(unit(index + 2)) {
          value = 0x10000 + (value - 0xD800) << 10 + (unit(index + 2) - 0xDC00)
          index += 2
        }
      }
      piece.append(contentsOf: UTF8.encode(Unicode.Scalar(value) ?? "\u{FFFD}") ?? .init())
      index += 2
    }
    for offset in 0..<(held - index) { raw[offset] = raw[index + offset] }
    held -= index
  }
}

/// A row's text.
enum RowText {
  /// Windows-1252's letters for the bytes 0x80 to 0x9F (WHATWG's index); nil where there is none.
  private static let upper: [Unicode.Scalar?] = [
    "€", nil, "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", nil, "Ž", nil,
    nil, "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", nil, "ž", "Ÿ",
  ]

  /// The text in UTF-8, else in Windows-1252, as spreadsheets of western Europe and America write it
  /// unless told otherwise; nil when it is neither.
  static func read(_ bytes: some Collection<UInt8>) -> (text: String, isWindows: Bool)? {
    if let text = String(validating: bytes, as: UTF8.self) { return (text, false) }
    var scalars = String.UnicodeScalarView()
    for byte in bytes {
      guard (0x80...0x9F).contains(byte) else {
        scalars.append(Unicode.Scalar(byte))
        continue
      }
      guard let scalar = upper[Int(byte) - 0x80] else { return nil }
      scalars.append(scalar)
    }
    return (String(scalars), true)
  }
}
