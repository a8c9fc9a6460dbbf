import Core
import Glibc

/// Where the rows of `failed.jsonl` are: 16 bytes in memory for each, whatever it says.
final class FailureIndex {
  private let file: Int32
  /// Where the last row of an item begins, by the hash of its name.
  fileprivate var places: [Int: Int64] = [:]

  /// The rows of the file at `path`; none when it is not there.
  init(_ path: String) throws(SwaplineError) {
    file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      guard errno == ENOENT else {
        throw SwaplineError(
          .storage, "\(path) cannot be read: \(String(cString: strerror(errno))).",
          hint: "Check who may read the run's folder.")
      }
      return
    }
    forEachLine { place, id in places[id.hashValue] = place }
  }

  deinit {
    if file >= 0 { close(file) }
  }

  /// The row of the item `id`, which is not left any more; nil when it has none.
  func take(_ id: String) -> JSONValue? {
    guard let place = places[id.hashValue], let row = row(at: place), row["id"]?.string == id else {
      return nil
    }
    places[id.hashValue] = nil
    return row
  }

  /// The items that were not taken, each with its last row, in the file's order.
  var left: Cursor { Cursor(index: self, onlyLeft: true) }

  private func forEachLine(_ body: (Int64, String) -> Void) {
    var lines = Cursor(index: self, onlyLeft: false)
    while let (place, id, _) = lines.nextLine() { body(place, id) }
  }

  /// Reads the file from its beginning, a piece at a time.
  struct Cursor {
    fileprivate let index: FailureIndex
    fileprivate let onlyLeft: Bool
    private var place: Int64 = 0
    private var held: [UInt8] = []
    private var start = 0

    fileprivate init(index: FailureIndex, onlyLeft: Bool) {
      self.index = index
      self.onlyLeft = onlyLeft
    }

    /// The next item and its row.
    mutating func next() -> (String, JSONValue)? {
      while let (place, id, row) = nextLine() {
        if !onlyLeft || index.places[id.hashValue] == place { return (id, row) }
      }
      return nil
    }

    fileprivate mutating func nextLine() -> (Int64, String, JSONValue)? {
      while true {
        if let stop = held[start...].firstIndex(of: UInt8(ascii: "\n")) {
          let begin = place
          let line = held[start..<stop]
          place += Int64(stop + 1 - start)
          start = stop + 1
          if let row = try? JSONValue(parsing: line), let id = row["id"]?.string {
            return (begin, id, row)
          }
          continue
        }
        held.removeFirst(start)
        start = 0
        guard let more = index.bytes(from: place + Int64(held.count), count: 1 << 16),
          !more.isEmpty
        else { return nil }
        held += more
      }
    }
  }

  private func row(at place: Int64) -> JSONValue? {
    var line: [UInt8] = []
    while let more = bytes(from: place + Int64(line.count), count: 1 << 12), !more.isEmpty {
      if let stop = more.firstIndex(of: UInt8(ascii: "\n")) {
        return try? JSONValue(parsing: line + more[..<stop])
      }
      line += more
    }
    return nil
  }

  fileprivate func bytes(from place: Int64, count: Int) -> [UInt8]? {
    guard file >= 0 else { return nil }
    var isBad = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      var got = pread(file, buffer.baseAddress, count, off_t(place))
      while got < 0, errno == EINTR { got = pread(file, buffer.baseAddress, count, off_t(place)) }
      isBad = got < 0
      filled = max(0, got)
    }
    return isBad ? nil : bytes
  }
}
