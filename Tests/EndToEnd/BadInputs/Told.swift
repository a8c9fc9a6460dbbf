/// What a command printed in one line that is the same on every machine and at every time: its errors
/// with their hints, else its last line.
enum Told {
  /// How a line begins that tells an error.
  static var error: Regex<Substring> { #/^(?:[^ ].*: )?error: /# }
  /// Of an error that many items have, so many are enough.
  private static let most = 2

  /// `names` are texts that change from run to run, with what stands for them.
  static func line(_ end: Finished, naming names: [(text: String, name: String)]) -> String {
    let lines = plain(end.messages).split(whereSeparator: \.isNewline)
    var told: [Substring] = []
    var errors = 0
    for line in lines {
      if line.contains(error) {
        errors += 1
      } else if !line.hasPrefix("  hint: ") {
        continue
      }
      if errors <= most { told.append(line) }
    }
    if errors > most { told.append("… \(errors - most) more.") }
    if told.isEmpty {
      let last = lines.last { !isBlank($0) }
      let results = end.output.split(whereSeparator: \.isNewline)
      told = [last ?? results.last { !isBlank($0) } ?? ""]
    }
    return stable(told.map { trimmed($0) }.joined(separator: " "), names)
  }

  /// The text without what a terminal takes for orders; what an order erases ends a line.
  static func plain(_ text: String) -> String {
    text.replacing(#/\u{1B}\[2K/#, with: "\n").replacing(#/\u{1B}\[[0-9;]*[A-Za-z]/#, with: "")
      .replacing("\r\n", with: "\n").replacing("\r", with: "\n")
  }

  private static func stable(
    _ line: String, _ names: [(text: String, name: String)]
  ) -> String {
    var line = line
    for (text, name) in names { line = line.replacing(text, with: name) }
    return line.replacing(#/\bin [0-9]+\.[0-9]{2} s/#, with: "in N s")
      .replacing(#/\btask_[0-9a-f]+/#, with: "task_…")
      .replacing(#/"run":"[0-9a-f]+"/#, with: "\"run\":\"…\"")
      .replacing(#/\bsha256 [0-9a-f]+…?/#, with: "sha256 …")
      .replacing(#/\bprocess [0-9]+/#, with: "process N")
      .replacing(#/\/tmp\/([a-z]+)-[0-9]+-[0-9]+/#) { "/tmp/\($0.output.1)-…" }
      .replacing(#/localhost is at [0-9.:]+\b/#, with: "localhost is at 127.0.0.1")
      .replacing(#/(.)\1{19,}/#) { "\($0.output.1)\($0.output.1)\($0.output.1)…" }
      .replacing(#/ {2,}/#, with: " ").replacing("|", with: "\\|")
  }

  private static func isBlank(_ line: Substring) -> Bool { line.allSatisfy(\.isWhitespace) }

  private static func trimmed(_ line: Substring) -> String {
    var line = line.drop(while: \.isWhitespace)
    while line.last?.isWhitespace == true { line.removeLast() }
    return String(line)
  }
}
