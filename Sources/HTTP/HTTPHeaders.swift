/// Header fields in the order they came in, found by name in any case (RFC 9110, section 5.1).
package struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  /// One field.
  package struct Field: Sendable, Hashable {
    /// The name as it was written.
    package var name: String
    /// The value, without white space around it.
    package var value: String

    /// A field.
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The fields in order.
  package private(set) var fields: [Field]

  /// A list of fields.
  package init(_ fields: [Field] = []) {
    self.fields = fields
  }

  package init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { Field($0.0, $0.1) }
  }

  /// The first field's value; setting it replaces every field of that name, nil removes them.
  package subscript(name: String) -> String? {
    get { fields.first { $0.name.isSameName(as: name) }?.value }
    set {
      fields.removeAll { $0.name.isSameName(as: name) }
      if let newValue { fields.append(Field(name, newValue)) }
    }
  }

  /// The values of every field called `name`, in order.
  package func values(of name: String) -> [String] {
    fields.filter { $0.name.isSameName(as: name) }.map(\.value)
  }

  /// Adds a field behind those of the same name.
  package mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name, value))
  }

  /// The fields that `isKept` says yes to.
  package func filter(_ isKept: (Field) -> Bool) -> HTTPHeaders {
    HTTPHeaders(fields.filter(isKept))
  }

  /// The length that `Content-Length` names, in bytes; nil without one or when it is no number.
  package var contentLength: Int64? {
    guard let text = self["Content-Length"], text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int64(text)
  }
}

extension HTTPHeaders.Field {
  /// Whether the field may go on the wire: a token as its name (RFC 9110, section 5.6.2) and a
  /// value that cannot end the line.
  package var isSendable: Bool {
    !name.isEmpty && name.utf8.allSatisfy(\.isTokenCharacter)
      && !value.utf8.contains { $0 == 0 || $0 == 0x0A || $0 == 0x0D }
  }
}

extension String {
  /// Whether both are one name when the case of ASCII letters does not count.
  package func isSameName(as other: String) -> Bool {
    utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.lowered == $1.lowered }
  }
}

extension UInt8 {
  fileprivate var lowered: UInt8 { (0x41...0x5A).contains(self) ? self + 0x20 : self }

  fileprivate var isTokenCharacter: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
  }
}
