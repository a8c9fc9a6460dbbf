/// Why a GIF could not be read.
package struct GIFError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure.
  package enum Kind: Sendable, Hashable {
    /// The file ends before its contents do.
    case cutOff
    /// What is there is not what a GIF may hold.
    case damaged
    /// The system could not read the file; the number is its `errno`.
    case unreadable(Int32)
    /// The reader was told to stop.
    case interrupted
  }

  /// What kind of failure it is.
  package var kind: Kind
  /// The rest of a sentence that begins with the file's name, without a full stop.
  package var detail: String

  /// A failure.
  package init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  package var description: String { detail }
}
