import Glibc

/// Bytes of a file at any place, read in pieces. Not `Sendable`: one thread at a time.
final class FileWindow {
  /// The file's length.
  let size: Int
  private let descriptor: Int32
  private var piece: [UInt8] = []
  private var start = 0
  private static let length = 1 << 16

  /// The file at `path`; nil where it cannot be opened.
  init?(_ path: String) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// `count` bytes from `offset` on, 65536 at most; nil where the file ends before.
  func bytes(at offset: Int, count: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, count >= 0, count <= Self.length, offset <= size - count else { return nil }
    if offset < start || offset + count > start + piece.count {
      let wanted = min(Self.length, size - offset)
      var got = 0
      piece = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, length in
        got = max(0, pread(descriptor, buffer.baseAddress, wanted, off_t(offset)))
        length = got
      }
      start = offset
      guard got >= count else { return nil }
    }
    return piece[offset - start..<offset - start + count]
  }

  /// A number of `count` bytes at `offset`, at most 8; nil where the file ends before, or where the
  /// number is larger than `Int` holds.
  func number(at offset: Int, count: Int, littleEndian: Bool = false) -> Int? {
    guard let bytes = bytes(at: offset, count: count) else { return nil }
    let value = (littleEndian ? Array(bytes.reversed()) : Array(bytes)).reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    return Int(exactly: value)
  }

  /// `count` bytes at `offset` as text, unprintable ones as question marks.
  func name(at offset: Int, count: Int = 4) -> String? {
    bytes(at: offset, count: count).map { bytes in
      String(decoding: bytes.map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }, as: UTF8.self)
    }
  }
}
