import Glibc

/// Where the parts of a request's head lie in memory, as libmicrohttpd found them.
///
/// libmicrohttpd parses a head in place and forgives much that others read differently: lines that
/// end in LF alone, lines that are folded, more than one space, bytes of zero. None of that can be
/// seen in the parts themselves, but each moves the part behind it, so that the head is plain when
/// its parts lie exactly as far apart as RFC 9112 has them.
struct HeadLayout {
  /// One part: its address and its length in bytes.
  struct Part {
    var start: UInt
    var count: Int

    init(_ text: UnsafePointer<CChar>) {
      start = UInt(bitPattern: text)
      count = strlen(text)
    }
  }

  var method: Part
  var target: Part
  var version: Part
  var fields: [(name: Part, value: Part)]
  /// How many bytes the head has.
  var count: Int

  /// Whether the head is `METHOD SP TARGET SP VERSION CRLF *(NAME ":" OWS VALUE CRLF) CRLF`.
  var isPlain: Bool {
    guard follows(target, method, by: 1), follows(version, target, by: 1) else { return false }
    var last = version
    for field in fields {
      // White space may stand before a value, and nowhere else.
      guard follows(field.name, last, by: 2), field.value.start > end(field.name) else {
        return false
      }
      last = field.value
    }
    return end(last) + 4 == method.start + UInt(count)
  }

  private func end(_ part: Part) -> UInt { part.start + UInt(part.count) }

  private func follows(_ part: Part, _ before: Part, by distance: UInt) -> Bool {
    part.start == end(before) + distance
  }
}
