import Glibc

/// Whole small files, such as keys.
enum SmallFile {
  /// The bytes at `path`; nil, with `errno` set, when they cannot be read or are more than `limit`.
  static func read(_ path: String, limit: Int) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count == 0 { return bytes }
      guard count > 0 else {
        if errno == EINTR { continue }
        return nil
      }
      bytes += buffer[..<count]
      guard bytes.count <= limit else {
        errno = EFBIG
        return nil
      }
    }
  }

  /// The first `count` bytes at `path`; fewer where there are fewer, none when it cannot be read.
  static func head(_ path: String, _ count: Int) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: count)
    let got = pread(file, &buffer, count, 0)
    return got > 0 ? Array(buffer[..<got]) : []
  }
}
