/// An API key that never prints itself: not in a log, an error, a dump or a debugger.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let text: String

  /// Keeps `text` to itself.
  public init(_ text: String) {
    self.text = text
  }

  /// Gives the key to `body`, which must put it nowhere but into a request.
  public func expose<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    try body(text)
  }

  /// `text` with every occurrence of the key replaced, for words that come from elsewhere.
  public func redacted(from other: String) -> String {
    guard !text.isEmpty, other.contains(text) else { return other }
    var remaining = other[...]
    var clean = ""
    while let range = remaining.firstRange(of: text) {
      clean += remaining[..<range.lowerBound] + description
      remaining = remaining[range.upperBound...]
    }
    return clean + remaining
  }

  public var description: String { "(secret)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
