/// A failed call into libvips.
package struct VipsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of work failed.
  package enum Kind: Sendable, Hashable {
    /// The library could not be started.
    case startUp
    /// The installed library has no such loader or saver, or it is blocked.
    case missing
    /// The file's header could not be read.
    case open
    /// Pixels could not be read or computed.
    case pixels
    /// A picture could not be encoded.
    case encode
    /// Memory was refused, by a limit on this process or by the machine.
    case memory
    /// The work was cancelled.
    case interrupted
  }

  /// What kind of work failed.
  package var kind: Kind
  /// The function that failed, by libvips' name.
  package var operation: String
  /// What libvips said, in one line without paths; empty where it said nothing that can be about
  /// this picture. Show it, do not decide by it. The one exception is memory that was refused, which
  /// nothing else tells.
  package var detail: String
  /// How many rows were read before it failed; nil where rows were not read one after the other.
  package var rows: Int?

  /// An error with a known text.
  package init(_ kind: Kind, operation: String, detail: String) {
    self.kind = kind
    self.operation = operation
    self.detail = detail
  }

  /// An error with libvips' own text, which is taken away from libvips; `origin` is the file that was
  /// read.
  ///
  /// Where other threads may have written into the text, the file is read once more alone; without a
  /// file nothing is quoted.
  static func current(_ kind: Kind, _ operation: String, origin: Origin? = nil) -> VipsError {
    var (text, isOwn) = LibraryCall.takeText()
    if !isOwn { text = origin?.textWhenReadAlone() ?? "" }
    let isMemory = text.contains("out of memory")
    return VipsError(
      isMemory ? .memory : kind, operation: operation,
      detail: LibraryWords(text, loader: origin?.loader).text)
  }

  package var description: String { "\(operation): \(detail)" }
}
