/// Why a transfer failed.
package struct CurlError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure, by what the caller can do about them.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The address cannot be read, is not http or https, or carries a user name or password.
    case badAddress
    /// A header field or a body cannot be sent as it is.
    case badRequest
    /// The host's name was not resolved.
    case resolve
    /// No connection could be made.
    case connect
    /// The server's certificate is not trusted, or TLS could not be set up.
    case tls
    /// The time allowed for the connection or for the whole transfer passed.
    case timeout
    /// The address policy refuses the socket address behind the host's name.
    case forbiddenAddress
    /// The server sends more bytes than were allowed.
    case tooLarge
    /// There are more redirects than were allowed.
    case tooManyRedirects
    /// The redirects lead back to an address that was asked before, past the number allowed.
    case redirectLoop
    /// A redirect leads where it may not: another scheme, or another host with a body to send.
    case forbiddenRedirect
    /// The server sent a part of the file that was not asked for, even when asked for all of it.
    case otherPart
    /// The body is not encoded as its header says.
    case badEncoding
    /// The connection ended before the answer did.
    case cutOff
    /// Fewer bytes came than the stall limit asks for.
    case stalled
    /// The answer could not be written: disk full, or a folder that cannot be written.
    case writeFailed
    /// The file to send could not be read, or is shorter than it was.
    case readFailed
    /// Anything else.
    case other
  }

  /// What kind of failure it is.
  package var kind: Kind
  /// False only when certainly no byte of the request left this machine, so that even a request
  /// that costs money may be sent again.
  package var requestSent: Bool
  /// A sentence about what happened. It names hosts and limits, never header fields, bodies or
  /// queries.
  package var detail: String
  /// What a broken download left in its file, to go on from.
  package var partial: PartialDownload?

  /// A failure; `requestSent` says whether the server may have seen any of the request.
  package init(
    _ kind: Kind, _ detail: String, requestSent: Bool = false, partial: PartialDownload? = nil
  ) {
    self.kind = kind
    self.detail = detail
    self.requestSent = requestSent
    self.partial = partial
  }

  /// Whether the same transfer may succeed at another time.
  package var isTransient: Bool {
    switch kind {
    case .resolve, .connect, .timeout, .cutOff, .stalled: true
    default: false
    }
  }

  package var description: String { detail }
}
