/// An element of a small XML document, with namespaces resolved.
///
/// Reads what XMP packets are made of: no document types, no entities but the five and numbers.
/// Source: Namespaces in XML 1.0, XML 1.0 (fifth edition).
struct XMLElement {
  /// `namespace` and local name, together: `http://purl.org/dc/elements/1.1/rights`.
  var name: String
  /// Values by name, as `name`; attributes without a prefix have their local name alone.
  var attributes: [String: String] = [:]
  var children: [XMLElement] = []
  /// The text between the tags, of this element alone.
  var text = ""

  /// The root of the document; nil for what is not such a document.
  static func parse(_ bytes: [UInt8]) -> XMLElement? {
    guard bytes.count <= 1 << 20, let text = decoded(bytes) else { return nil }
    var parser = XMLParser(Array(text.utf8))
    return parser.document()
  }

  /// XMP may be UTF-8, UTF-16 or UTF-32; the last is never met.
  private static func decoded(_ bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0, 0x3C]) {
      return utf16(bytes) { UInt16($0) << 8 | UInt16($1) }
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0x3C, 0]) {
      return utf16(bytes) { UInt16($1) << 8 | UInt16($0) }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func utf16(_ bytes: [UInt8], _ unit: (UInt8, UInt8) -> UInt16) -> String? {
    let units = stride(from: 0, to: bytes.count - 1, by: 2).map { unit(bytes[$0], bytes[$0 + 1]) }
    return String(validating: units, as: UTF16.self)
  }
}

private struct XMLParser {
  private let bytes: [UInt8]
  private var place = 0
  // Counted together, so that a deep or bushy document costs no more than a plain one.
  private var elements = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func document() -> XMLElement? {
    while let open = skipToTag() {
      if open == UInt8(ascii: "?") || open == UInt8(ascii: "!") {
        guard skipDeclaration() else { return nil }
        continue
      }
      return element(depth: 0, namespaces: ["xml": "http://www.w3.org/XML/1998/namespace#"])
    }
    return nil
  }

  /// Goes to the next `<`; the byte behind it.
  private mutating func skipToTag() -> UInt8? {
    while place < bytes.count, bytes[place] != UInt8(ascii: "<") { place += 1 }
    return place + 1 < bytes.count ? bytes[place + 1] : nil
  }

  /// Passes over `<?…?>` and `<!--…-->`; false for anything else that begins with `<!`.
  private mutating func skipDeclaration() -> Bool {
    if has("<!--") { return skip(past: "-->") }
    if has("<?") { return skip(past: "?>") }
    return false
  }

  private func has(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard place + count <= bytes.count else { return false }
    return text.withUTF8Buffer { wanted in
      (0..<count).allSatisfy { bytes[place + $0] == wanted[$0] }
    }
  }

  private mutating func skip(past end: StaticString) -> Bool {
    while place < bytes.count {
      if has(end) {
        place += end.utf8CodeUnitCount
        return true
      }
      place += 1
    }
    return false
  }

  /// The element whose `<` stands here; `place` is behind it afterwards.
  private mutating func element(depth: Int, namespaces: [String: String]) -> XMLElement? {
    elements += 1
    guard depth < 32, elements < 20_000, let head = head() else { return nil }
    var namespaces = namespaces
    for (name, value) in head.attributes {
      if name == "xmlns" { namespaces[""] = value }
      if name.hasPrefix("xmlns:") { namespaces[String(name.dropFirst(6))] = value }
    }
    var element = XMLElement(name: Self.resolved(head.name, namespaces, isElement: true))
    for (name, value) in head.attributes where !name.hasPrefix("xmlns") {
      element.attributes[Self.resolved(name, namespaces, isElement: false)] = value
    }
    guard !head.isEmpty else { return element }
    while place < bytes.count {
      let start = place
      guard let next = skipToTag() else { return nil }
      element.text += Self.unescaped(bytes[start..<place])
      switch next {
      case UInt8(ascii: "/"): return skip(past: ">") ? element : nil
      case UInt8(ascii: "?"): guard skipDeclaration() else { return nil }
      case UInt8(ascii: "!"):
        if has("<![CDATA[") {
          let start = place + 9
          guard skip(past: "]]>") else { return nil }
          element.text += String(decoding: bytes[start..<max(start, place - 3)], as: UTF8.self)
        } else if !skipDeclaration() {
          return nil
        }
      default:
        guard let child = self.element(depth: depth + 1, namespaces: namespaces) else { return nil }
        element.children.append(child)
      }
    }
    return nil
  }

  private struct Head {
    var name: String
    var attributes: [(String, String)] = []
    var isEmpty = false
  }

  private mutating func head() -> Head? {
    place += 1
    guard let name = word() else { return nil }
    var head = Head(name: name)
    while true {
      skipBlanks()
      guard place < bytes.count else { return nil }
      if has("/>") {
        place += 2
        head.isEmpty = true
        return head
      }
      if bytes[place] == UInt8(ascii: ">") {
        place += 1
        return head
      }
      guard head.attributes.count < 500, let name = word() else { return nil }
      skipBlanks()
      guard place < bytes.count, bytes[place] == UInt8(ascii: "=") else { return nil }
      place += 1
      skipBlanks()
      guard place < bytes.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(bytes[place])
      else { return nil }
      let quote = bytes[place]
      place += 1
      let start = place
      while place < bytes.count, bytes[place] != quote { place += 1 }
      guard place < bytes.count else { return nil }
      head.attributes.append((name, Self.unescaped(bytes[start..<place])))
      place += 1
    }
  }

  private mutating func word() -> String? {
    let start = place
    let ends = Array("=/> \t\r\n<\"'".utf8)
    while place < bytes.count, !ends.contains(bytes[place]) { place += 1 }
    return place > start ? String(decoding: bytes[start..<place], as: UTF8.self) : nil
  }

  private mutating func skipBlanks() {
    while place < bytes.count, [32, 9, 10, 13].contains(bytes[place]) { place += 1 }
  }

  private static func resolved(
    _ name: String, _ namespaces: [String: String], isElement: Bool
  ) -> String {
    guard let colon = name.firstIndex(of: ":") else {
      return isElement ? (namespaces[""] ?? "") + name : name
    }
    let space = namespaces[String(name[..<colon])] ?? "unbound:"
    return space + name[name.index(after: colon)...]
  }

  private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
    var result = ""
    var rest = String(decoding: bytes, as: UTF8.self)[...]
    let known = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]
    while let and = rest.firstIndex(of: "&") {
      result += rest[..<and]
      rest = rest[rest.index(after: and)...]
      guard let end = rest.prefix(12).firstIndex(of: ";") else { continue }
      let entity = rest[..<end]
      rest = rest[rest.index(after: end)...]
      if let text = known[String(entity)] {
        result += text
      } else if entity.hasPrefix("#") {
        let number =
          entity.hasPrefix("#x")
          ? UInt32(entity.dropFirst(2), radix: 16) : UInt32(entity.dropFirst())
        if let scalar = number.flatMap(Unicode.Scalar.init) {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + rest
  }
}
