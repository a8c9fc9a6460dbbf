import CAV
import Glibc

/// A failed call into libav.
package struct AVError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of work failed.
  package enum Kind: Sendable, Hashable {
    /// The file could not be opened or is of no allowed format.
    case open
    /// What lies behind the header is damaged.
    case damaged
    /// The installed libav has no such decoder or encoder.
    case missing
    /// Something could not be encoded.
    case encode
    /// The disk refused what was to be written; the operating system's `errno`.
    case write(Int32)
    /// Memory was refused.
    case memory
    /// The work was stopped.
    case interrupted
  }

  /// What kind of work failed.
  package var kind: Kind
  /// The function that failed, by libav's name.
  package var operation: String
  /// What libav says about its code.
  package var detail: String

  /// An error with a known text.
  package init(_ kind: Kind, operation: String, detail: String) {
    self.kind = kind
    self.operation = operation
    self.detail = detail
  }

  /// The error behind libav's `code`.
  init(_ kind: Kind, _ operation: String, _ code: Int32) {
    var text = [CChar](repeating: 0, count: 256)
    av_strerror(code, &text, text.count)
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    self.operation = operation
    detail = String(decoding: bytes, as: UTF8.self)
    self.kind =
      switch code {
      case swapline_av_stopped(): .interrupted
      case swapline_av_no_memory(): .memory
      // libav gives codes of its own large values; small ones are the operating system's.
      case -4_095 ... -1 where kind == .encode && code != -EINVAL: .write(-code)
      default: kind
      }
  }

  package var description: String { "\(operation): \(detail)" }
}
