import Glibc

/// A whole file in memory. Nothing that is asked of it can reach beyond its end.
struct PlainBytes {
  let all: [UInt8]

  init(_ all: [UInt8]) { self.all = all }

  var count: Int { all.count }

  /// Whether `count` bytes stand at `place`.
  func has(_ place: Int, _ count: Int) -> Bool {
    place >= 0 && count >= 0 && count <= all.count && place <= all.count - count
  }

  func byte(_ place: Int) -> UInt8? { has(place, 1) ? all[place] : nil }

  /// The number of `count` bytes at `place`, at most 4, the highest first.
  func big(_ place: Int, _ count: Int) -> Int? {
    guard has(place, count) else { return nil }
    return all[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
  }

  /// The number of `count` bytes at `place`, at most 4, the lowest first.
  func little(_ place: Int, _ count: Int) -> Int? {
    guard has(place, count) else { return nil }
    return all[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Whether `text` stands at `place`.
  func has(_ text: StaticString, at place: Int) -> Bool {
    guard has(place, text.utf8CodeUnitCount) else { return false }
    return text.withUTF8Buffer { all[place..<place + $0.count].elementsEqual($0) }
  }

  /// The four letters at `place`.
  func name(_ place: Int) -> String? {
    has(place, 4) ? String(decoding: all[place..<place + 4], as: UTF8.self) : nil
  }

  /// The place of the next `value` at or behind `place`; nil where there is none.
  func find(_ value: UInt8, from place: Int) -> Int? {
    guard has(place, 1) else { return nil }
    return all.withUnsafeBytes { bytes in
      bytes.baseAddress.flatMap { base in
        memchr(base + place, Int32(value), bytes.count - place).map { UnsafeRawPointer($0) - base }
      }
    }
  }
}
