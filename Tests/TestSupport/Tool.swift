import Foundation

/// A program from Debian that a test uses beside ours.
public enum Tool {
  /// Why tests that need these programs are skipped here; nil where they run. In CI they always run,
  /// so that a missing program is a failure there.
  public static func absence(_ programs: String...) -> String? {
    let variables = ProcessInfo.processInfo.environment
    guard variables["CI"] == nil else { return nil }
    let folders = (variables["PATH"] ?? "").split(separator: ":")
    let missing = programs.first { program in
      !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }
    return missing.map { "'\($0)' is not installed: run Scripts/setup tests browser storage" }
  }
}
