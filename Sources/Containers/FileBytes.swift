import Glibc

/// A file that is read at any place, in constant memory. Not `Sendable`: one thread at a time.
final class FileBytes {
  /// The length in bytes when it was opened.
  let size: Int64
  let descriptor: Int32
  // Structures are walked forwards in small steps: one read serves many of them.
  private var window = [UInt8](repeating: 0, count: 1 << 16)
  private var start: Int64 = 0
  private var filled = 0

  /// Opens the file at `path`.
  init(_ path: String) throws(StructureError) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure(errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw Self.failure(code)
    }
    size = Int64(status.st_size)
  }

  deinit { close(descriptor) }

  private static func failure(_ code: Int32) -> StructureError {
    StructureError("the file cannot be read: \(String(cString: strerror(code)))")
  }

  /// The `count` bytes at `place`; throws where the file ends before.
  func bytes(_ place: Int64, _ count: Int) throws(StructureError) -> [UInt8] {
    guard count >= 0, place >= 0, Int64(count) <= size, place <= size - Int64(count) else {
      throw StructureError("the file ends before byte \(place &+ Int64(max(0, count)))")
    }
    if count > window.count {
      var all = [UInt8](repeating: 0, count: count)
      try read(into: &all, at: place, count)
      return all
    }
    let offset = try load(place, count)
    return Array(window[offset..<offset + count])
  }

  /// The number of `count` bytes at `place`, the highest first.
  func big(_ place: Int64, _ count: Int) throws(StructureError) -> UInt64 {
    guard place >= 0, place <= size - Int64(count) else {
      throw StructureError("the file ends before byte \(place &+ Int64(count))")
    }
    let offset = try load(place, count)
    var value: UInt64 = 0
    for index in offset..<offset + count { value = value << 8 | UInt64(window[index]) }
    return value
  }

  /// The byte at `place`.
  func byte(_ place: Int64) throws(StructureError) -> UInt8 {
    UInt8(truncatingIfNeeded: try big(place, 1))
  }

  /// The place of the next `value` at or behind `place`; nil where there is none.
  func find(_ value: UInt8, from place: Int64) throws(StructureError) -> Int64? {
    var place = place
    while place < size {
      let offset = try load(place, 1)
      let found = window.withUnsafeBytes { bytes -> Int? in
        guard let base = bytes.baseAddress,
          let hit = memchr(base + offset, Int32(value), filled - offset)
        else { return nil }
        return UnsafeRawPointer(hit) - base
      }
      if let found { return start + Int64(found) }
      place = start + Int64(filled)
    }
    return nil
  }

  /// Whether every byte of `range` is zero.
  func isBlank(_ range: Range<Int64>) throws(StructureError) -> Bool {
    var place = range.lowerBound
    while place < range.upperBound {
      let offset = try load(place, 1)
      let end = min(filled, offset + Int(min(Int64(filled), range.upperBound - place)))
      let isBlank = window.withUnsafeBytes { bytes in
        // Equal to itself one byte on, and the first one is zero.
        guard let first = bytes.baseAddress?.advanced(by: offset) else { return true }
        return bytes[offset] == 0 && memcmp(first, first + 1, end - offset - 1) == 0
      }
      if !isBlank { return false }
      place += Int64(end - offset)
    }
    return true
  }

  /// Makes sure that `count` bytes at `place` are in the window; their offset there.
  private func load(_ place: Int64, _ count: Int) throws(StructureError) -> Int {
    if place >= start, place + Int64(count) <= start + Int64(filled) { return Int(place - start) }
    filled = 0
    start = place
    let wanted = Int(min(Int64(window.count), size - place))
    guard wanted >= count else { throw StructureError("the file ends before byte \(place)") }
    try read(into: &window, at: place, wanted)
    filled = wanted
    return 0
  }

  private func read(
    into buffer: inout [UInt8], at place: Int64, _ count: Int
  ) throws(StructureError) {
    var done = 0
    while done < count {
      let got = buffer.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress?.advanced(by: done), count - done, Int(place) + done)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw Self.failure(errno) }
      guard got > 0 else { throw StructureError("the file became shorter while it was read") }
      done += got
    }
  }
}
