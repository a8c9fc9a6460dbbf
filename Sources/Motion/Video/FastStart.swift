import Glibc

/// Whether an mp4 or mov plays while it loads.
enum FastStart {
  /// Whether the index (`moov`) of the file at `path` stands before its pictures (`mdat`).
  /// Source: ISO/IEC 14496-12, section 4.2: boxes with a length and a name.
  static func holds(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var offset: off_t = 0
    var head = [UInt8](repeating: 0, count: 16)
    // A file has a handful of boxes; a damaged one must not keep anybody here.
    for _ in 0..<1_000 {
      guard pread(descriptor, &head, 16, offset) >= 8 else { return false }
      let name = String(decoding: head[4..<8], as: UTF8.self)
      if name == "moov" { return true }
      if name == "mdat" { return false }
      var length = head[0..<4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if length == 1 { length = head[8..<16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
      guard length >= 8, length < UInt64(Int64.max) else { return false }
      let (next, overflows) = offset.addingReportingOverflow(off_t(length))
      guard !overflows else { return false }
      offset = next
    }
    return false
  }
}
