import Core
import Files
import Glibc

/// The media files below a folder, known by their content, and what was left out.
struct FolderScan {
  /// The media, sorted by path.
  private(set) var files: [String] = []
  /// How many entries were left out.
  private(set) var leftOut = 0
  /// The first of those, each with why where its name does not say it.
  private(set) var examples: [String] = []

  private static let mostExamples = 5

  /// Looks into `folder`. Hidden files are no one's wish, links to folders may lead in a circle, and the
  /// folder of an earlier run holds results.
  init(_ folder: String) {
    var waiting = [folder]
    while let next = waiting.popLast() {
      guard let names = FileSystem.listing(of: next) else {
        leave(next, below: folder, "cannot be read")
        continue
      }
      if next != folder, names.contains(".swapline") {
        leave(next, below: folder, "a run's folder")
        continue
      }
      for name in names where !name.hasPrefix(".") {
        look(at: "\(next)/\(name)", below: folder, &waiting)
      }
    }
    files.sort()
  }

  private mutating func look(at path: String, below folder: String, _ waiting: inout [String]) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return }
    let isLink = facts.st_mode & S_IFMT == S_IFLNK
    if isLink, stat(path, &facts) != 0 { return leave(path, below: folder, "a broken link") }
    switch facts.st_mode & S_IFMT {
    case S_IFDIR:
      if isLink { leave(path, below: folder, "a link to a folder") } else { waiting.append(path) }
    case S_IFREG:
      guard let head = try? FileSystem.head(of: path, count: MediaFormat.signatureLength) else {
        return leave(path, below: folder, "cannot be read")
      }
      if MediaFormat.sniff(head) != nil {
        files.append(path)
      } else {
        leave(path, below: folder, head.isEmpty ? "empty" : nil)
      }
    default: leave(path, below: folder, "not a file")
    }
  }

  private mutating func leave(_ path: String, below folder: String, _ reason: String?) {
    leftOut += 1
    guard examples.count < Self.mostExamples else { return }
    let name = path.dropFirst(folder.count).drop { $0 == "/" }
    examples.append((name.isEmpty ? path : String(name)) + (reason.map { " (\($0))" } ?? ""))
  }

  /// What was left out, in one sentence's words; nil when nothing was.
  var told: String? {
    guard leftOut > 0 else { return nil }
    let rest = leftOut - examples.count
    return
      "\(leftOut) \(leftOut == 1 ? "entry is" : "entries are") not a picture, GIF or video and "
      + "\(leftOut == 1 ? "was" : "were") left out: \(examples.joined(separator: ", "))"
      + (rest > 0 ? " and \(rest) more" : "")
  }
}
