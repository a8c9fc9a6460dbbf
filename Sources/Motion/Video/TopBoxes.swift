import Core
import Glibc
import Processing

/// The boxes of an mp4 or mov that lie in no other box.
/// Source: ISO/IEC 14496-12, section 4.2: boxes with a length and a name.
struct TopBoxes {
  struct Box {
    let name: String
    /// Its name as it can stand in a sentence.
    let shown: String
    let start: Int64
    /// Behind its last byte, by its own word; the file's end for one that has no length.
    let end: Int64
  }

  private(set) var boxes: [Box] = []
  /// The file's length in bytes.
  private(set) var size: Int64 = 0

  /// Reads the boxes of the file at `path`, as far as there are any.
  init(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    size = Int64(lseek(descriptor, 0, SEEK_END))
    var offset: Int64 = 0
    var head = [UInt8](repeating: 0, count: 16)
    // Fragments come in thousands; a damaged file must not keep a worker here.
    while boxes.count < 1_000_000 {
      guard pread(descriptor, &head, 16, off_t(offset)) >= 8 else { return }
      let name = head[4..<8]
      guard name.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0xA9 }) else { return }
      var length = head[0..<4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if length == 1 { length = head[8..<16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
      if length == 0 { length = UInt64(max(0, size - offset)) }
      guard length >= 8, length < UInt64(Int64.max / 2) else { return }
      let end = offset + Int64(length)
      boxes.append(
        Box(
          name: String(decoding: name, as: UTF8.self), shown: Reason.part(name), start: offset,
          end: end))
      guard end < size else { return }
      offset = end
    }
  }

  /// The box that the file ends in, before the box's own end.
  var cut: Box? { boxes.last.flatMap { $0.end > size ? $0 : nil } }

  /// Whether the samples lie in fragments, each behind its own list.
  var isFragmented: Bool { boxes.contains { $0.name == "moof" } }

  /// Whether the last fragment is not whole.
  var endsInFragment: Bool {
    guard isFragmented, let last = boxes.last else { return false }
    // A list without its samples, or bytes too few for a box.
    return last.name == "moof" || (last.end > size && last.name == "mdat")
      || (last.end < size && size - last.end < 8)
  }
}
