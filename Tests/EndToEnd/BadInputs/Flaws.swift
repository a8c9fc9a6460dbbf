import Foundation

/// What no command may do, whatever it is given.
enum Flaws {
  static func of(_ end: Finished, _ input: BadInput, in folder: String) async -> [String] {
    var flaws = words(end, input)
    if let file = leftover(in: folder) { flaws.append("\(file) is left behind") }
    if await isOrphaned(in: folder) { flaws.append("a media worker lives on") }
    return flaws
  }

  /// What is wrong with what was printed.
  private static func words(_ end: Finished, _ input: BadInput) -> [String] {
    let all = end.messages + end.output
    let inner =
      #/Fatal error|SwaplineError|Optional\(|CurlError|Stack dump|unforeseen|Foundation|\(code: /#
    var flaws: [String] = []
    if let match = all.firstMatch(of: inner) {
      flaws.append("prints an inner matter of the program: \(match.output)")
    }
    if let text = input.forbidden, all.contains(text) {
      flaws.append("prints \(text.debugDescription)")
    }
    guard ![0, 130].contains(end.status), !input.allowed.contains(.silence) else { return flaws }
    let lines = Told.plain(end.messages).split(whereSeparator: \.isNewline)
    let errors = lines.filter { $0.contains(Told.error) }
    if errors.isEmpty { flaws.append("names no error") }
    if errors.count > 1, !input.allowed.contains(.manyErrors) {
      flaws.append("tells \(errors.count) errors")
    }
    if let error = unhinted(lines) { flaws.append("gives no hint for “\(error)”") }
    return flaws
  }

  /// The first error that neither has a hint nor says by itself what to write instead.
  private static func unhinted(_ lines: [Substring]) -> Substring? {
    var open: Substring?
    for line in lines {
      if line.contains(Told.error) {
        if let open { return open }
        let saysIt = line.contains(#/ must be |Expected | from [-0-9]+ to |; .* can\./#)
        open = saysIt ? nil : line
      } else if line.hasPrefix("  hint: ") {
        open = nil
      }
    }
    return open
  }

  /// A half-written file in the folder.
  private static func leftover(in folder: String) -> String? {
    FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }.first { path in
      path.contains("/.swapline/tmp/") || path.hasSuffix(".partial") || path.hasSuffix(".tmp")
    }
  }

  /// Whether a media worker that was started in the folder is still there after a moment.
  private static func isOrphaned(in folder: String) async -> Bool {
    for _ in 0..<500 {
      guard hasWorker(in: folder) else { return false }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return true
  }

  private static func hasWorker(in folder: String) -> Bool {
    let manager = FileManager.default
    let processes = (try? manager.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.contains { process in
      guard process.first?.isNumber == true,
        let place = try? manager.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd"),
        place.hasPrefix(folder),
        let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
      else { return false }
      return name.hasPrefix("swapline-media")
    }
  }
}
