import Core
import Glibc
import Synchronization

/// The two streams of the command: results to standard output, messages to standard error.
struct Terminal: Sendable {
  /// Whether messages may be painted and redrawn.
  let isLive: Bool
  /// Whether messages may be coloured.
  let paints: Bool
  /// Columns of the terminal; 80 where it does not say.
  let width: Int

  init(environment: [String: String]) {
    let isTerminal = isatty(STDERR_FILENO) == 1
    isLive = isTerminal && environment["TERM"] != "dumb"
    // no-color.org: present and not empty.
    paints = isLive && (environment["NO_COLOR"] ?? "").isEmpty
    var size = winsize()
    let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    width = known ? Int(size.ws_col) : 80
  }

  /// Writes to standard output.
  func result(_ text: String) {
    let failure = Self.write(text, to: STDOUT_FILENO)
    guard failure != 0, failure != EPIPE else { return }
    Self.failure.withLock { $0 = failure }
  }

  private static let failure = Mutex<Int32>(0)

  /// Why results were lost; nil when they were not, or when their reader had enough.
  static var problem: SwaplineError? {
    let number = failure.withLock(\.self)
    guard number != 0 else { return nil }
    return SwaplineError(
      .storage,
      "The results could not be written to standard output: \(String(cString: strerror(number))).",
      hint: "Free some space there, or redirect it to another place.")
  }

  /// Writes to standard error.
  func message(_ text: String) { Self.write(text, to: STDERR_FILENO) }

  /// The text in bold, red, … where the terminal can show it.
  func paint(_ text: String, _ style: Style) -> String {
    paints ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  enum Style: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "1;31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
  }

  // In one call a line, so that lines of several threads do not mix; a reader that has gone away
  // (a closed pipe) is no reason to fail.
  @discardableResult
  private static func write(_ text: String, to file: Int32) -> Int32 {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      if written <= 0 { return errno }
      bytes = bytes.dropFirst(written)
    }
    return 0
  }
}
