import Foundation

/// What is put into a trial's folder under one name.
enum FileContent: Sendable {
  /// A text; what stands in braces is filled in.
  case text(String)
  case bytes([UInt8])
  /// The file of this name below `fixtures`.
  case fixture(String)
  /// A symbolic link to this name.
  case link(String)
  /// A pipe with a name.
  case pipe
  case folder
  /// A file or folder that nobody may read or write in.
  indirect case closed(FileContent)

  /// The first bytes of a fixture, and `noise` other bytes.
  static func start(of fixture: String, _ count: Int, noise: Int = 0) -> FileContent {
    let whole = FileManager.default.contents(atPath: EndToEnd.fixture(fixture)) ?? Data()
    return .bytes(whole.prefix(count) + Self.noise(noise))
  }

  /// Bytes that mean nothing, each time the same.
  static func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 88_172_645_463_325_252
    return (0..<count).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return UInt8(truncatingIfNeeded: state)
    }
  }

  func mentions(_ text: String) -> Bool {
    if case .text(let content) = self { content.contains(text) } else { false }
  }

  func make(at path: String, filling fill: (String) -> String) throws {
    let manager = FileManager.default
    try manager.createDirectory(
      atPath: String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]),
      withIntermediateDirectories: true)
    switch self {
    case .text(let text): try Data(fill(text).utf8).write(to: URL(filePath: path))
    case .bytes(let bytes): try Data(bytes).write(to: URL(filePath: path))
    case .fixture(let name): try manager.copyItem(atPath: EndToEnd.fixture(name), toPath: path)
    case .link(let target): symlink(target, path)
    case .pipe: mkfifo(path, 0o600)
    case .folder: try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
    case .closed(let content):
      try content.make(at: path, filling: fill)
      chmod(path, 0)
    }
  }

  /// Lets what was closed be removed.
  func open(at path: String) {
    if case .closed = self { chmod(path, 0o700) }
  }
}
