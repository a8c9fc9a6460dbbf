/// Why a server could not be started.
package struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure.
  package enum Kind: String, Sendable, Hashable {
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
  package var kind: Kind
  /// A sentence that names address and port.
  package var detail: String

  /// A failure.
  package init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  package var description: String { detail }
}
