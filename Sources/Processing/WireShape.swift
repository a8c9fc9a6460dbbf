import Core
import Synchronization

/// What the JSON of a type looks like, worked out from how the type decodes: fields, cases, formats, all
/// the way down. Two builds whose shapes differ cannot understand each other.
///
/// An enumeration with values lists its cases by `CodingKeys: CaseIterable`, one of words is
/// `CaseIterable` itself, and a type with a text form of its own is `WireText`; else there is an error.
enum WireShape {
  /// The shape of `type` in words.
  static func text(of type: any Decodable.Type) throws -> String {
    let record = Record()
    _ = try record.value(type)
    return record.text
  }
}

/// A type whose JSON is one text of a form of its own.
protocol WireText: Decodable {
  /// A text that it decodes from.
  static var example: String { get }
  /// What both sides must agree on, beside the form.
  static var agreement: String { get }
}

extension WireText {
  static var agreement: String { "\(self)" }
}

extension Digest: WireText {
  static var example: String { Digest(of: "").hex }
}

extension PixelAspect: WireText {
  static var example: String { "4:3" }
}

// A format that only one side knows would be found out in the middle of an answer.
extension MediaFormat: WireText {
  static var example: String { MediaFormat.png.name }
  static var agreement: String { all.map(\.name).joined(separator: "|") }
}

/// Notes what types ask for while they decode, and gives them the least that lets them go on.
private final class Record {
  var text = ""

  /// What is known of types, which are asked for again and again: asking a type costs the runtime a search
  /// through every conformance of the program.
  private static let known = Mutex<[ObjectIdentifier: Known]>([:])

  /// What came of a type. `@unchecked Sendable`: a value without anything to change, only copied.
  private struct Known: @unchecked Sendable {
    let text: String
    let value: Any
  }

  func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let key = ObjectIdentifier(type)
    if let known = Self.known.withLock({ $0[key] }), let value = known.value as? Value {
      text += known.text
      return value
    }
    let before = text
    text = ""
    defer { text = before + text }
    let (words, example) = Self.words(of: type)
    text += words
    let level = Level(self, example)
    var value = try Value(from: level)
    while level.number + 1 < level.count {
      level.number += 1
      value = try Value(from: level)
    }
    let known = Known(text: text, value: value)
    Self.known.withLock { $0[key] = known }
    return value
  }

  /// What a type says of the words that it decodes from, and one of them.
  private static func words(of type: any Decodable.Type) -> (words: String, example: String) {
    if let type = type as? any WireText.Type { return (type.agreement, type.example) }
    guard let type = type as? any (CaseIterable & RawRepresentable).Type else { return ("", "") }
    let words = cases(of: type)
    return (words.joined(separator: "|"), words.first ?? "")
  }

  private static func cases<Value: CaseIterable & RawRepresentable>(
    of type: Value.Type
  ) -> [String] {
    type.allCases.map { "\($0.rawValue)" }
  }
}

/// One value that is decoded.
private final class Level: Decoder {
  let record: Record
  let example: String
  /// Which case of an enumeration with values is decoded, and how many there are.
  var number = 0
  var count = 1

  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]

  init(_ record: Record, _ example: String) {
    self.record = record
    self.example = example
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Fields(level: self))
  }
  func unkeyedContainer() -> any UnkeyedDecodingContainer { Elements(level: self) }
  func singleValueContainer() -> any SingleValueDecodingContainer { Word(level: self) }
}

private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let level: Level
  let codingPath: [any CodingKey] = []

  /// The case that is decoded; only enumerations with values ask.
  var allKeys: [Key] {
    guard let type = Key.self as? any CaseIterable.Type else { return [] }
    let keys = cases(of: type)
    level.count = keys.count
    return Array(keys.dropFirst(level.number).prefix(1))
  }

  private func cases<Keys: CaseIterable>(of type: Keys.Type) -> [Key] {
    type.allCases.compactMap { $0 as? Key }
  }

  // Asked of fields that may be missing only.
  func contains(_ key: Key) -> Bool {
    level.record.text += "?"
    return true
  }
  func decodeNil(forKey key: Key) -> Bool { false }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    level.record.text += "\(key.stringValue):"
    defer { level.record.text += "," }
    return try level.record.value(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedDecodingContainer<Nested> {
    level.record.text += ";\(key.stringValue)="
    return KeyedDecodingContainer(Fields<Nested>(level: level))
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
    Elements(level: level)
  }
  func superDecoder() -> any Decoder { level }
  func superDecoder(forKey key: Key) -> any Decoder { level }
}

private struct Elements: UnkeyedDecodingContainer {
  let level: Level
  let codingPath: [any CodingKey] = []
  let count: Int? = 1
  var currentIndex = 0
  var isAtEnd: Bool { currentIndex > 0 }

  mutating func decodeNil() -> Bool { false }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    currentIndex += 1
    level.record.text += "*"
    return try level.record.value(type)
  }
  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedDecodingContainer<Nested> { KeyedDecodingContainer(Fields<Nested>(level: level)) }
  mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { self }
  mutating func superDecoder() -> any Decoder { level }
}

private struct Word: SingleValueDecodingContainer {
  let level: Level
  let codingPath: [any CodingKey] = []

  func decodeNil() -> Bool {
    level.record.text += "?"
    return false
  }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value: Any? =
      switch type {
      case is String.Type: level.example
      case is Bool.Type: false
      case is Double.Type: 0.0
      case let type as any BinaryInteger.Type: type.init(exactly: 0)
      default: nil
      }
    guard let value = value as? Value else { return try level.record.value(type) }
    level.record.text += "\(type)"
    return value
  }
}
