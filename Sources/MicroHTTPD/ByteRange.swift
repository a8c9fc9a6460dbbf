/// The one part of a file that a request asks for (RFC 9110, section 14).
enum ByteRange: Equatable {
  /// Everything: no range, several ranges, another unit, or a condition that is not met.
  case whole
  /// These bytes.
  case part(Range<Int64>)
  /// A range that lies outside.
  case unsatisfiable

  init(_ headers: HTTPHeaders, entityTag: String?, length: Int64) {
    self = .whole
    guard let text = headers["Range"]?.lowercased(), text.hasPrefix("bytes=") else { return }
    if let condition = headers["If-Range"], condition != entityTag { return }
    let ends = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
      .map { $0.filter { $0 != " " } }
    guard ends.count == 2, !text.contains(",") else { return }
    switch (Int64(ends[0]), Int64(ends[1])) {
    case (let first?, let last):
      guard last != nil || ends[1].isEmpty, first <= last ?? first else { return }
      guard first < length else {
        self = .unsatisfiable
        return
      }
      self = .part(first..<min(last ?? .max - 1, length - 1) + 1)
    case (nil, let suffix?) where ends[0].isEmpty:
      guard suffix > 0, length > 0 else {
        self = .unsatisfiable
        return
      }
      self = .part(max(0, length - suffix)..<length)
    default: return
    }
  }
}
