import Nettle

/// The SHA-256 of a file's or a value's bytes, printed as 64 lower-case hexadecimal digits.
public struct Digest: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The 64 hexadecimal digits.
  public let hex: String

  /// The digest of `bytes`.
  public init(of bytes: [UInt8]) {
    hex = SHA256.digest(bytes).hexadecimal
  }

  /// The digest of the UTF-8 bytes of `text`.
  public init(of text: String) {
    self.init(of: Array(text.utf8))
  }

  /// A digest written as 64 hexadecimal digits; nil when `hex` is anything else.
  public init?(hex: String) {
    let digits = hex.lowercased()
    guard digits.utf8.count == 64, digits.utf8.allSatisfy({ $0.isHexadecimalDigit }) else {
      return nil
    }
    self.hex = digits
  }

  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let digest = Digest(hex: text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a SHA-256 digest: \(text)"))
    }
    self = digest
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }

  /// The first eight bytes of the SHA-256 of `bytes`, the first of them highest.
  public static func head(of bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finishHead()
  }

  public var description: String { hex }

  /// The first twelve digits: enough to tell two files of one run apart when a person reads them.
  public var short: String { String(hex.prefix(12)) }
}

/// A digest of bytes that arrive in pieces.
public struct Digester: ~Copyable {
  private var hash = SHA256()

  /// Starts an empty digest.
  public init() {}

  /// Adds the next piece.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    hash.update(bytes)
  }

  /// Ends the message.
  public consuming func finish() -> Digest {
    Digest(bytes: hash.finish())
  }
}

extension Digest {
  init(bytes: [UInt8]) {
    hex = bytes.hexadecimal
  }
}

/// Signs and checks short texts such as a hosted file's address.
public struct Signer: Sendable {
  private let key: [UInt8]

  /// A signer whose signatures only holders of `key` can make.
  public init(key: [UInt8]) {
    self.key = key
  }

  /// A signer with a key that nobody else has: 32 bytes of the system's random numbers.
  public init() {
    var generator = SystemRandomNumberGenerator()
    key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// The signature of `text`: 64 hexadecimal digits.
  public func signature(of text: String) -> String {
    HMACSHA256.code(Array(text.utf8), key: key).hexadecimal
  }

  /// Whether `signature` was made for `text` with this key, compared in constant time.
  public func verify(_ signature: String, of text: String) -> Bool {
    guard let bytes = [UInt8](hexadecimal: signature) else { return false }
    return HMACSHA256.verify(bytes, of: Array(text.utf8), key: key)
  }
}

extension UInt8 {
  fileprivate var isHexadecimalDigit: Bool {
    (0x30...0x39).contains(self) || (0x61...0x66).contains(self)
  }
}

extension [UInt8] {
  /// Two lower-case hexadecimal digits a byte.
  public var hexadecimal: String {
    let digits = Array<UInt8>("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(count * 2)
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes written as hexadecimal digits; nil when `text` is anything else.
  public init?(hexadecimal text: String) {
    let digits = Array<UInt8>(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = Self.nibble(digits[index]), let low = Self.nibble(digits[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    self = bytes
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x61...0x66: digit - 0x61 + 10
    case 0x41...0x46: digit - 0x41 + 10
    default: nil
    }
  }
}
