import Core
import Curl

/// Names of the server's files: one that cannot be guessed, and what its sender called the file.
///
/// `0123…-dress.png` is downloaded as `dress.png`.
package enum FileName {
  /// A new name, with the stem of `title` where it says something.
  package static func make(_ title: String?, _ format: MediaFormat) -> String {
    RandomToken.hex(bytes: 16) + (title.flatMap(stem).map { "-" + $0 } ?? "") + "." + format.name
  }

  /// What the sender called the file with this name; nil where nothing is known.
  static func title(_ name: String) -> String? {
    guard let dash = name.firstIndex(of: "-"), name.distance(from: name.startIndex, to: dash) == 32
    else { return nil }
    let title = name[name.index(after: dash)...]
    return title.isEmpty ? nil : String(title)
  }

  /// What the file at an address is called: the last part of its path. One that is a digest or
  /// another machine's number says nothing.
  static func title(ofAddress url: String) -> String? {
    guard let path = (try? WebAddress(url))?.path,
      let last = path.split(separator: "/").last.flatMap({ PercentCoding.decode($0) })
    else { return nil }
    return title(last) ?? (isNumber(last) ? nil : last)
  }

  /// The header field by which browsers name what they save (RFC 6266, RFC 8187).
  static func disposition(_ title: String) -> String {
    let plain = title.unicodeScalars.map { $0.isASCII && $0 != "\"" && $0 != "\\" ? $0 : "_" }
    var text = ""
    text.unicodeScalars.append(contentsOf: plain)
    let simple = "inline; filename=\"\(text)\""
    return text == title ? simple : simple + "; filename*=UTF-8''" + PercentCoding.encode(title)
  }

  /// A file's name without its extension, of letters, digits, `-`, `_` and `.` alone; at most 100
  /// bytes, so that the whole name stays far below what file systems take.
  private static func stem(_ title: String) -> String? {
    var name = title.prefix { $0 != "?" && $0 != "#" }
    if let slash = name.lastIndex(of: "/") { name = name[name.index(after: slash)...] }
    if let dot = name.lastIndex(of: "."), dot > name.startIndex { name = name[..<dot] }
    var stem = ""
    for character in name {
      let isKept = character.isLetter || character.isNumber || "-_.".contains(character)
      let next = isKept ? String(character) : "-"
      guard stem.utf8.count + next.utf8.count <= 100 else { break }
      if next != "-" || !stem.hasSuffix("-") { stem += next }
    }
    stem = stem.trimmingDashes
    return stem.isEmpty || isNumber(stem) ? nil : stem
  }

  private static func isNumber(_ name: String) -> Bool {
    let stem = name.prefix { $0 != "." }
    return stem.count >= 16 && stem.allSatisfy { $0.isHexDigit || $0 == "-" }
  }
}

extension String {
  fileprivate var trimmingDashes: String {
    var text = self[...]
    while let first = text.first, "-.".contains(first) { text.removeFirst() }
    while let last = text.last, "-.".contains(last) { text.removeLast() }
    return String(text)
  }
}
