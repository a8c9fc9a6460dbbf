/// One problem found by a check, with the place it stands at and what to do about it.
public struct Finding: Sendable, Hashable, Codable {
  /// How much a finding matters.
  public enum Severity: String, Sendable, Hashable, Codable, Comparable {
    /// Nothing runs until it is mended.
    case error
    /// It runs, and the result may not be what was wanted.
    case warning
    /// Worth knowing.
    case note

    public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

    private var rank: Int {
      switch self {
      case .note: 0
      case .warning: 1
      case .error: 2
      }
    }
  }

  /// How much it matters.
  public var severity: Severity
  /// What is wrong, in a sentence that names what was found.
  public var message: String
  /// Where it stands; nil when it belongs to no place in a file.
  public var place: SourcePlace?
  /// What to do about it.
  public var hint: String?

  /// A finding of `severity` at `place`.
  public init(
    _ severity: Severity, _ message: String, at place: SourcePlace? = nil, hint: String? = nil
  ) {
    self.severity = severity
    self.message = message
    self.place = place
    self.hint = hint
  }
}

/// A place in a text file: lines and columns count from one; a column is a Unicode scalar.
public struct SourcePlace: Sendable, Hashable, Codable {
  /// The file as the user named it.
  public var file: String
  /// The line, from one.
  public var line: Int
  /// The column, from one, in Unicode scalars.
  public var column: Int
  /// How many columns the problem covers, at least one.
  public var length: Int

  /// A place of `length` columns.
  public init(file: String, line: Int, column: Int, length: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
    self.length = max(1, length)
  }
}
