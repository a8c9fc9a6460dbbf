import Foundation

/// Where tests put their files: below one folder a process, which goes when the process ends,
/// whether it ends well or not.
public enum TestFolder {
  /// The folder of this process, below `TMPDIR` or `/tmp`.
  public static let root: String = {
    let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = Array("\(base)/swapline-tests-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { return base }
    let path = String(cString: made)
    Janitor.removes(path)
    return path
  }()

  /// A path that was never given out before; nothing is made there. `label` says whose it is.
  public static func unique(_ label: String) -> String {
    "\(root)/\(label)-\(UUID().uuidString.prefix(13))"
  }
}
