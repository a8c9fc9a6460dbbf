import CVips

/// A failed call into libvips.
public struct VipsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of work failed.
  public enum Kind: Sendable, Hashable {
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
    /// The work was interrupted by `Interrupt`.
    case interrupted
  }

  /// What kind of work failed.
  public var kind: Kind
  /// The function that failed, by libvips' name.
  public var operation: String
  /// What libvips said, in one line without paths; empty where it said nothing that can be about
  /// this picture. Its error text is shared by all threads of the process: show it, do not decide by
  /// it. The one exception is memory that was refused, which nothing else tells.
  public var detail: String
  /// How many rows were read before it failed; nil where rows were not read one after the other.
  public var rows: Int?

  /// An error with a known text.
  public init(_ kind: Kind, operation: String, detail: String) {
    self.kind = kind
    self.operation = operation
    self.detail = detail
  }

  /// An error with libvips' own text, which is taken away from libvips; `loader` is the one of the
  /// file that was read.
  static func current(_ kind: Kind, _ operation: String, loader: Loader? = nil) -> VipsError {
    var text = ""
    if let buffer = vips_error_buffer_copy() {
      text = String(cString: buffer)
      g_free(buffer)
    }
    let isMemory = text.contains("out of memory")
    return VipsError(
      isMemory ? .memory : kind, operation: operation,
      detail: LibraryWords(text, loader: loader).text)
  }

  /// Forgets what earlier work left behind: some loaders say something even when they succeed.
  static func forget() { vips_error_clear() }

  public var description: String { "\(operation): \(detail)" }
}
