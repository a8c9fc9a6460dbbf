/// A value as SQLite stores it.
package enum SQLiteValue: Sendable, Hashable {
  /// No value.
  case null
  /// A whole number of 64 bits.
  case int(Int64)
  /// A floating-point number of 64 bits.
  case double(Double)
  /// A text in UTF-8.
  case text(String)
  /// Bytes.
  case blob([UInt8])
}

extension SQLiteValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  package init(integerLiteral value: Int64) { self = .int(value) }
  package init(floatLiteral value: Double) { self = .double(value) }
  package init(stringLiteral value: String) { self = .text(value) }
  package init(booleanLiteral value: Bool) { self = .int(value ? 1 : 0) }
  package init(nilLiteral: ()) { self = .null }
}

/// A Swift type that goes into a column and comes out of it unchanged.
package protocol SQLiteConvertible {
  /// The value to store.
  var sqliteValue: SQLiteValue { get }
  /// The Swift value of a stored one; nil when that has another type.
  init?(sqliteValue: SQLiteValue)
}

extension SQLiteValue {
  /// The stored form of a Swift value; nil becomes `null`.
  package init(_ value: (some SQLiteConvertible)?) {
    self = value?.sqliteValue ?? .null
  }
}

extension Int64: SQLiteConvertible {
  package var sqliteValue: SQLiteValue { .int(self) }
  package init?(sqliteValue: SQLiteValue) {
    guard case .int(let number) = sqliteValue else { return nil }
    self = number
  }
}

extension Int: SQLiteConvertible {
  package var sqliteValue: SQLiteValue { .int(Int64(self)) }
  package init?(sqliteValue: SQLiteValue) {
    guard case .int(let number) = sqliteValue else { return nil }
    self.init(exactly: number)
  }
}

extension Bool: SQLiteConvertible {
  package var sqliteValue: SQLiteValue { .int(self ? 1 : 0) }
  package init?(sqliteValue: SQLiteValue) {
    guard case .int(let number) = sqliteValue else { return nil }
    self = number != 0
  }
}

extension Double: SQLiteConvertible {
  package var sqliteValue: SQLiteValue { .double(self) }
  package init?(sqliteValue: SQLiteValue) {
    switch sqliteValue {
    case .double(let number): self = number
    case .int(let number): self = Double(number)
    default: return nil
    }
  }
}

extension String: SQLiteConvertible {
  package var sqliteValue: SQLiteValue { .text(self) }
  package init?(sqliteValue: SQLiteValue) {
    guard case .text(let text) = sqliteValue else { return nil }
    self = text
  }
}

extension [UInt8]: SQLiteConvertible {
  package var sqliteValue: SQLiteValue { .blob(self) }
  package init?(sqliteValue: SQLiteValue) {
    guard case .blob(let bytes) = sqliteValue else { return nil }
    self = bytes
  }
}
