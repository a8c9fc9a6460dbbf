import Core
import Glibc

/// Where an API key comes from; never from an argument, which every user of the machine can read.
package enum KeySource: Sendable, Hashable {
  /// An environment variable.
  case environment(String)
  /// The first line of a file.
  case file(String)
  /// The first line that a shell command prints, such as a password manager's.
  case command(String)

  /// Reads the key. Throws `SwaplineError` that names the source and never the key.
  package func read(environment: [String: String]) throws(SwaplineError) -> Secret {
    let found: String
    switch self {
    case .environment(let name): found = environment[name] ?? ""
    case .file(let path): found = try Self.contents(of: path)
    case .command(let line): found = try Self.output(of: line)
    }
    let key = found.prefix { !$0.isNewline }.filter { !$0.isWhitespace }
    guard !key.isEmpty else {
      throw SwaplineError(.unauthorized, "\(self) contains no key.")
    }
    guard key.utf8.count <= 4_096, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw SwaplineError(
        .unauthorized, "The value of \(self) is not a key: it contains more than printable ASCII.")
    }
    return Secret(key)
  }

  private static func contents(of path: String) throws(SwaplineError) -> String {
    guard let file = fopen(path, "re") else {
      throw SwaplineError(
        .unauthorized, "The key file \(path) cannot be opened: \(String(cString: strerror(errno)))."
      )
    }
    defer { fclose(file) }
    return head(of: file)
  }

  private static func output(of line: String) throws(SwaplineError) -> String {
    // The run's own standard input may be a picture.
    guard let pipe = popen("{ \(line)\n} </dev/null", "re") else {
      throw SwaplineError(
        .unauthorized, "The key_command cannot be started: \(String(cString: strerror(errno))).")
    }
    let text = head(of: pipe)
    let status = pclose(pipe)
    guard status == 0 else {
      throw SwaplineError(
        .unauthorized,
        "The key_command ended with \(Self.ending(status)).",
        hint: "Run it in a shell to see why; it must print the key as its first line.")
    }
    return text
  }

  // A wait status as POSIX packs it: the signal in the low seven bits, the exit code above.
  private static func ending(_ status: Int32) -> String {
    let signal = status & 0x7F
    return signal == 0 ? "exit code \((status >> 8) & 0xFF)" : "signal \(signal)"
  }

  private static func head(of file: UnsafeMutablePointer<FILE>) -> String {
    var bytes = [UInt8](repeating: 0, count: 8_192)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}

extension KeySource: CustomStringConvertible {
  package var description: String {
    switch self {
    case .environment(let name): "the environment variable \(name)"
    case .file(let path): "the file \(path)"
    // The line itself may hold a secret, such as a token of a password manager.
    case .command: "the output of key_command"
    }
  }
}
