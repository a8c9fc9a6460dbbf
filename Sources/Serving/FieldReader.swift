import Core
import Curl

/// Reads fields of a JSON object by dotted name, and collects what is wrong with them.
package struct FieldReader {
  private let root: JSONValue
  package var faults: [String] = []

  package init(_ root: JSONValue) {
    self.root = root
  }

  /// Whether `name` is an object to look into.
  package mutating func enter(_ name: String) -> Bool {
    switch value(name) {
    case .object: return true
    case .null: faults.append("\(name) is missing")
    case let other: faults.append("\(name) must be an object, and \(Self.kind(other)) was found")
    }
    return false
  }

  package mutating func text(_ name: String, isRequired: Bool) -> String? {
    switch value(name) {
    case .string(let text) where !text.isEmpty: return text
    case .string where isRequired: faults.append("\(name) is empty")
    case .string: break
    case .null: if isRequired { faults.append("\(name) is missing") }
    case let other: faults.append("\(name) must be a text, and \(Self.kind(other)) was found")
    }
    return nil
  }

  package mutating func bool(_ name: String) -> Bool? {
    switch value(name) {
    case .bool(let value): return value
    case .null: break
    case let other:
      faults.append("\(name) must be true or false, and \(Self.kind(other)) was found")
    }
    return nil
  }

  /// A whole number within `range`; nil where there is none.
  package mutating func int(_ name: String, in range: ClosedRange<Int>) -> Int? {
    switch value(name) {
    case .null: return nil
    case .int(let value) where range.contains(Int(clamping: value)): return Int(clamping: value)
    case .int(let value):
      faults.append(
        "\(name) is \(value), and must be \(range.lowerBound) to \(range.upperBound)")
    case let other:
      faults.append("\(name) must be a whole number, and \(Self.kind(other)) was found")
    }
    return nil
  }

  /// How many elements a list has, when that is within `range`; nil otherwise.
  package mutating func count(_ name: String, in range: ClosedRange<Int>) -> Int? {
    switch value(name) {
    case .array(let list) where range.contains(list.count): return list.count
    case .array(let list):
      faults.append(
        "\(name) has \(list.count) elements, and must have \(range.lowerBound) to "
          + "\(range.upperBound)")
    case .null: faults.append("\(name) is missing")
    case let other: faults.append("\(name) must be a list, and \(Self.kind(other)) was found")
    }
    return nil
  }

  package mutating func url(_ name: String, isRequired: Bool) -> String? {
    guard let text = text(name, isRequired: isRequired) else { return nil }
    guard text.utf8.count <= 4_096 else {
      faults.append("\(name) has \(text.utf8.count) characters, and at most 4096 are accepted")
      return nil
    }
    let scheme = text.prefix { $0 != ":" }.lowercased()
    guard scheme == "http" || scheme == "https", text.contains("://") else {
      faults.append("\(name) must be an http or https address, and begins otherwise")
      return nil
    }
    do {
      _ = try WebAddress(text)
      return text
    } catch {
      faults.append("\(name) is no address that can be fetched: \(error.detail)")
      return nil
    }
  }

  private func value(_ name: String) -> JSONValue {
    name.split(separator: ".").reduce(Optional(root)) { value, part in
      guard let list = value?.array else { return value?[String(part)] }
      return Int(part).flatMap { list.indices.contains($0) ? list[$0] : nil }
    } ?? .null
  }

  private static func kind(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool: "a truth value"
    case .int, .double: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
