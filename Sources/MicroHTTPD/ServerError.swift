/// Why a server could not be started.
public struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Kind: String, Sendable, Hashable {
    /// Another program listens on the port.
    case portTaken
    /// The address is not one of this machine, or cannot be read.
    case badAddress
    /// The port may not be used without more rights.
    case notPermitted
    /// Anything else.
    case other
  }

  /// What kind of failure it is.
  public var kind: Kind
  /// A sentence that names address and port.
  public var detail: String

  /// A failure.
  public init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  public var description: String { detail }
}
