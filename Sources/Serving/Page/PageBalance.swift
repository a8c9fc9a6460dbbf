import Core

/// A path that tells how many credits a key has left, asked by GET.
package struct PageBalance: Sendable {
  /// The path.
  package let path: String
  /// Where the answer says it, as a dotted path.
  package let value: String

  package init(path: String, value: String) {
    self.path = path
    self.value = value
  }

  func json(_ key: KeyField) -> JSONValue {
    [
      "path": .string(path), "value": .string(value), "header": .string(key.header),
      "prefix": .string(key.prefix),
    ]
  }
}
