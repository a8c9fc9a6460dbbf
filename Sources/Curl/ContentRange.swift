/// `Content-Range: bytes 10-99/100`, `bytes 10-99/*` or `bytes */100` (RFC 9110, section 14.4).
struct ContentRange: Equatable {
  /// The first and the last byte; nil in an answer that says which ranges there are.
  var bytes: ClosedRange<Int64>?
  /// The whole file's length; nil where the server does not know it.
  var total: Int64?

  /// Nil for what contradicts itself, too.
  init?(_ text: String) {
    guard text.lowercased().hasPrefix("bytes") else { return nil }
    // Some servers write `bytes=10-99/100`.
    let rest = text.dropFirst(5).drop { $0 == " " || $0 == "=" || $0 == ":" }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    total = Int64(parts[1].trimmed)
    guard total != nil || parts[1].trimmed == "*", (total ?? 0) >= 0 else { return nil }
    if parts[0].trimmed == "*" { return }
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
      .map { Int64($0.trimmed) }
    guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last,
      last < total ?? .max
    else { return nil }
    bytes = first...last
  }
}
