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
    /// The work was interrupted by `Interrupt`.
    case interrupted
  }

  /// What kind of work failed.
  public var kind: Kind
  /// The function that failed, by libvips' name.
  public var operation: String
  /// What libvips said. Its error text is shared by all threads of the process, so with several
  /// pictures at once it may belong to another one: show it, never decide by it.
  public var detail: String

  /// An error with a known text.
  public init(_ kind: Kind, operation: String, detail: String) {
    self.kind = kind
    self.operation = operation
    self.detail = detail
  }

  /// An error with libvips' own text, which is taken away from libvips.
  static func current(_ kind: Kind, _ operation: String) -> VipsError {
    var detail = ""
    if let text = vips_error_buffer_copy() {
      detail = String(cString: text)
      g_free(text)
    }
    return VipsError(kind, operation: operation, detail: oneLine(detail))
  }

  private static func oneLine(_ text: String) -> String {
    var lines: [Substring] = []
    for line in text.split(whereSeparator: \.isNewline) where !lines.contains(line) {
      lines.append(line)
    }
    return lines.joined(separator: "; ")
  }

  public var description: String { "\(operation): \(detail)" }
}
