import FoundationEssentials

/// Any JSON value, for documents whose shape is not known before they are read.
public enum JSONValue: Sendable, Hashable {
  /// The literal `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without fraction.
  case int(Int64)
  /// Any other number.
  case double(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Named values; printed sorted by name, so that equal values print equally.
  case object([String: JSONValue])

  /// The deepest nesting of lists and objects that is read: recursion has its bound here.
  public static let maximumDepth = 64

  /// The most values that are read from one document, lists and objects among them: each takes memory
  /// of its own, whatever its length.
  public static let maximumValues = 20_000

  /// Reads a document, in time that grows with its length alone: a megabyte takes less than 20 ms.
  ///
  /// Whole numbers that fit stay exact; others become the nearest `Double`. A lenient reading, for
  /// documents that must be understood because they were paid for, takes the last of equal names and
  /// puts U+FFFD where a text is not Unicode, and a joiner between combining marks that are too many;
  /// a strict one refuses all three.
  ///
  /// - Throws: `damaged` with the byte at fault, `limit` for what is nested more than `depth` deep or
  ///   holds more than `values` values.
  public init(
    parsing bytes: some Collection<UInt8>, depth: Int = maximumDepth, values: Int = maximumValues,
    lenient: Bool = false
  ) throws(SwaplineError) {
    func read(_ buffer: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONParser.Fault> {
      var parser = JSONParser(buffer, depth: depth, values: values, isLenient: lenient)
      do throws(JSONParser.Fault) {
        return .success(try parser.document())
      } catch {
        return .failure(error)
      }
    }
    let result =
      bytes.withContiguousStorageIfAvailable(read) ?? Array(bytes).withUnsafeBufferPointer(read)
    switch result {
    case .success(let value): self = value
    case .failure(let fault): throw fault.error(depth: depth, values: values)
    }
  }

  /// Encodes any value the way `JSONText` prints it.
  public init(encoding value: some Encodable) throws {
    try self.init(parsing: try JSONText.bytes(value), values: .max)
  }

  /// The value of a named part; nil when this is no object or has no such part.
  public subscript(_ name: String) -> JSONValue? {
    guard case .object(let parts) = self else { return nil }
    return parts[name]
  }

  /// The text, when this is one.
  public var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The whole number, when this is one, also one written as a text or with a zero fraction.
  public var int: Int64? {
    switch self {
    case .int(let number): number
    case .double(let number): Int64(exactly: number)
    case .string(let text): Int64(text)
    default: nil
    }
  }

  /// The number, when this is one, also one written as a text.
  public var double: Double? {
    switch self {
    case .int(let number): Double(number)
    case .double(let number): number
    case .string(let text): Double(text)
    default: nil
    }
  }

  /// The truth value, when this is one.
  public var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// The list, when this is one.
  public var array: [JSONValue]? {
    guard case .array(let values) = self else { return nil }
    return values
  }

  /// Decodes a value of a known type from this one.
  public func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(JSONText.bytes(self)))
  }
}

extension JSONValue: Codable {
  // The way for a JSON value inside another type. Lists and objects are told apart before their
  // parts are read: each part is then tried once, however deep it lies.
  public init(from decoder: any Decoder) throws {
    guard decoder.codingPath.count <= Self.maximumDepth else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: [],
          debugDescription: "The value is nested more than \(Self.maximumDepth) levels deep."))
    }
    if let parts = try? decoder.container(keyedBy: Name.self) {
      var object: [String: JSONValue] = [:]
      for name in parts.allKeys {
        object[name.stringValue] = try parts.decode(JSONValue.self, forKey: name)
      }
      self = .object(object)
      return
    }
    if var list = try? decoder.unkeyedContainer() {
      var values: [JSONValue] = []
      while !list.isAtEnd { values.append(try list.decode(JSONValue.self)) }
      self = .array(values)
      return
    }
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .int(value)
    } else {
      self = .double(try container.decode(Double.self))
    }
  }

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .double(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let parts): try container.encode(parts)
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements) { _, last in last })
  }
}

/// Prints values as JSON, always the same way: names sorted, slashes plain.
public enum JSONText {
  /// One line of bytes.
  public static func bytes(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }

  /// One line of text.
  public static func line(_ value: JSONValue) throws -> String {
    String(decoding: try bytes(value), as: UTF8.self)
  }

  /// One line of text.
  public static func line(_ value: some Encodable) throws -> String {
    String(decoding: try bytes(value), as: UTF8.self)
  }

  /// Indented text for people, with a newline at its end.
  public static func pretty(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }

  /// Reads one document into a value of a known type; what is nested deeper than
  /// `JSONValue.maximumDepth` is refused before it is read.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: some Collection<UInt8>
  ) throws -> Value {
    guard depth(of: bytes) <= JSONValue.maximumDepth else {
      throw SwaplineError(
        .limit, "The JSON document is nested more than \(JSONValue.maximumDepth) levels deep.")
    }
    return try JSONDecoder().decode(type, from: Data(bytes))
  }

  /// How deep lists and objects are nested, by their brackets alone.
  private static func depth(of bytes: some Collection<UInt8>) -> Int {
    var (depth, deepest, isText, isEscaped) = (0, 0, false, false)
    for byte in bytes {
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isText = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        deepest = max(deepest, depth)
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
    }
    return deepest
  }
}
