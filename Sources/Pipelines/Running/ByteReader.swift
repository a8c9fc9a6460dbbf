import Core
import Glibc

/// A file's bytes one after the other, a piece in memory at a time.
final class ByteReader {
  private let path: String
  private let file: Int32
  private var piece: [UInt8]
  private var place = 0
  private var end = 0
  /// How many bytes were handed out.
  private(set) var offset: Int64 = 0
  /// How many the file has; 0 where it does not say, as a pipe.
  let size: Int64

  init(_ path: String) throws(SwaplineError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    var facts = stat()
    guard file >= 0, fstat(file, &facts) == 0 else {
      let reason = String(cString: strerror(errno))
      if file >= 0 { close(file) }
      throw SwaplineError(
        .usage, "\(path) cannot be read: \(reason).", hint: "Check the path and who may read it.",
        place: path)
    }
    guard facts.st_mode & S_IFMT != S_IFDIR else {
      close(file)
      throw SwaplineError(
        .usage, "\(path) is a folder.", hint: "Give it as --scene, or name a CSV or JSONL file.",
        place: path)
    }
    self.file = file
    self.path = path
    size = Int64(facts.st_size)
    piece = [UInt8](repeating: 0, count: 1 << 16)
  }

  deinit { close(file) }

  /// The next byte; nil behind the last.
  func next() throws(SwaplineError) -> UInt8? {
    if place == end {
      end = try fill()
      place = 0
      guard end > 0 else { return nil }
    }
    defer {
      place += 1
      offset += 1
    }
    return piece[place]
  }

  /// The byte that comes next, which stays there.
  func peek() throws(SwaplineError) -> UInt8? {
    if place == end {
      end = try fill()
      place = 0
    }
    return place < end ? piece[place] : nil
  }

  private func fill() throws(SwaplineError) -> Int {
    while true {
      let count = read(file, &piece, piece.count)
      if count >= 0 { return count }
      guard errno == EINTR else {
        throw SwaplineError(
          .usage, "\(path) cannot be read: \(String(cString: strerror(errno))).", place: path)
      }
    }
  }
}
