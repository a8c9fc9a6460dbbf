/// Why a GIF could not be read.
public struct GIFError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Kind: Sendable, Hashable {
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
  public var kind: Kind
  /// The rest of a sentence that begins with the file's name, without a full stop.
  public var detail: String

  /// A failure.
  public init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  public var description: String { detail }
}
