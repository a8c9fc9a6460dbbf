/// A place in a document: line and column count from one; a column is a Unicode scalar.
package struct YAMLMark: Sendable, Hashable {
  /// The line, from one.
  package var line: Int
  /// The column, from one.
  package var column: Int

  /// A place.
  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// One value of a document with the place it stands at.
package struct YAMLNode: Sendable, Hashable {
  /// What the value is.
  package indirect enum Content: Sendable, Hashable {
    /// A text as written; `isPlain` without quotes, so that `12` may be a number.
    case scalar(String, isPlain: Bool)
    /// A list.
    case sequence([YAMLNode])
    /// Named values in the order in which they are written; a name may stand twice.
    case mapping([(key: YAMLNode, value: YAMLNode)])

    package static func == (a: Content, b: Content) -> Bool {
      switch (a, b) {
      case (.scalar(let x, let plainX), .scalar(let y, let plainY)): x == y && plainX == plainY
      case (.sequence(let x), .sequence(let y)): x == y
      case (.mapping(let x), .mapping(let y)):
        x.count == y.count && zip(x, y).allSatisfy { $0.key == $1.key && $0.value == $1.value }
      default: false
      }
    }

    package func hash(into hasher: inout Hasher) {
      switch self {
      case .scalar(let text, let isPlain):
        hasher.combine(text)
        hasher.combine(isPlain)
      case .sequence(let nodes): hasher.combine(nodes)
      case .mapping(let pairs):
        for pair in pairs {
          hasher.combine(pair.key)
          hasher.combine(pair.value)
        }
      }
    }
  }

  /// What the value is.
  package var content: Content
  /// Where it begins.
  package var start: YAMLMark
  /// Where it ends: the place behind its last character.
  package var end: YAMLMark

  /// A value at a place.
  package init(_ content: Content, start: YAMLMark, end: YAMLMark) {
    self.content = content
    self.start = start
    self.end = end
  }

  /// The text, when this is a scalar.
  package var text: String? {
    guard case .scalar(let text, _) = content else { return nil }
    return text
  }
}

/// A document that cannot be read, with the place where the reader gave up.
package struct YAMLError: Error, Sendable, Hashable {
  /// What is wrong.
  package var message: String
  /// Where.
  package var mark: YAMLMark
  /// What to do about a document that is good YAML, and more than is read here; nil for others.
  package var remedy: String?

  /// A problem at a place.
  package init(_ message: String, at mark: YAMLMark, remedy: String? = nil) {
    self.message = message
    self.mark = mark
    self.remedy = remedy
  }
}
