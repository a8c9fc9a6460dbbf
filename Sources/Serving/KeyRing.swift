import Core
import Glibc

/// Who may use the server, and with how many credits.
package enum KeyRing: Sendable {
  /// Any key at all, without a limit: for the server inside a run, and for a first try.
  case open
  /// These keys only.
  case listed([Entry])

  /// One key.
  package struct Entry: Sendable {
    /// The key as clients send it.
    package let key: Secret
    /// What it may spend in all, over restarts of the server too.
    package let credits: Credits

    /// A key with its credits.
    package init(key: Secret, credits: Credits) {
      self.key = key
      self.credits = credits
    }
  }

  /// Reads a key file: a line `KEY CREDITS` each; empty lines and those that begin with `#` are
  /// passed over. Throws one `SwaplineError` that lists every faulty line by number, never its key.
  package static func parse(_ text: String, file: String) throws(SwaplineError) -> KeyRing {
    var entries: [Entry] = []
    var faults: [String] = []
    var seen: [String: Int] = [:]
    // One character of Swift's may be CR and LF together.
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (offset, line) in lines.enumerated() {
      let number = offset + 1
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let key = words.first.map(String.init), !key.hasPrefix("#") else { continue }
      if words.count != 2 {
        faults.append("line \(number) has \(words.count) words instead of two, KEY and CREDITS")
      } else if !key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
        faults.append("line \(number): the key contains more than printable ASCII")
      } else if let first = seen[key] {
        faults.append("line \(number) repeats the key of line \(first)")
      } else if let credits = Credits(parsing: words[1]) {
        seen[key] = number
        entries.append(Entry(key: Secret(key), credits: credits))
      } else {
        faults.append("line \(number): \(words[1]) is not a number of credits, such as 20 or 0.5")
      }
    }
    if entries.isEmpty, faults.isEmpty { faults.append("there is no key in it") }
    guard faults.isEmpty else {
      throw SwaplineError(
        .usage, "The key file \(file) cannot be used: \(faults.joined(separator: "; ")).",
        hint: "Write one line for each key, such as: ak_0123… 100")
    }
    return .listed(entries)
  }

  /// Reads the key file at `path`. Throws `SwaplineError`.
  package static func load(_ path: String) throws(SwaplineError) -> KeyRing {
    guard let bytes = SmallFile.read(path, limit: 10_000_000) else {
      throw SwaplineError(
        .usage, "The key file \(path) cannot be read: \(String(cString: strerror(errno))).",
        hint: "Check its path and who may read it.")
    }
    return try parse(String(decoding: bytes, as: UTF8.self), file: path)
  }

  /// How many keys do not look like the vendor's own (`ak_` and 32 more characters), which a
  /// stricter client may refuse. A matter for a warning only.
  package var unusualKeys: Int {
    guard case .listed(let entries) = self else { return 0 }
    return entries.count { entry in
      entry.key.expose { !$0.hasPrefix("ak_") || $0.utf8.count != 35 }
    }
  }
}
