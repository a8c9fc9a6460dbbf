import CFaces

/// What OpenCV could not do.
package struct FacesError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure.
  package enum Kind: Sendable, Hashable {
    /// An argument makes no sense, such as a picture whose samples do not match its size.
    case argument
    /// A network cannot be read.
    case network
    /// A network of the user's own, or what runs it, cannot be used.
    case model
    /// There is not enough memory.
    case memory
    /// No pixel of the scene can be replaced.
    case nothingToBlend
    /// The libraries failed; `detail` is their word.
    case failed
  }

  /// What kind of failure it is.
  package var kind: Kind
  /// What happened, without a capital and a full stop.
  package var detail: String

  /// An error of a kind.
  package init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  /// The detail.
  package var description: String { detail }
}

/// Runs a call that leaves a sentence when it fails, and throws it.
func checked(
  _ call: (UnsafeMutablePointer<FacesMessage>) -> FacesStatus
) throws(FacesError) {
  var message = FacesMessage()
  let status = call(&message)
  guard status != FacesStatusOK else { return }
  let detail = withUnsafeBytes(of: message.text) { bytes in
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
  let kind: FacesError.Kind =
    switch status {
    case FacesStatusArgument: .argument
    case FacesStatusNetwork: .network
    case FacesStatusMemory: .memory
    case FacesStatusModel: .model
    case FacesStatusNothingToBlend: .nothingToBlend
    default: .failed
    }
  throw FacesError(kind, detail)
}
