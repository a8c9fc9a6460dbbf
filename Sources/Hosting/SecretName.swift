import Core

/// A name that cannot be guessed and says nothing of the file but its format.
struct SecretName: Sendable, CustomStringConvertible {
  let description: String

  /// A new name for a file of this format.
  init(_ format: MediaFormat) {
    description = "\(RandomToken.hex(bytes: 16)).\(format.name)"
  }
}
