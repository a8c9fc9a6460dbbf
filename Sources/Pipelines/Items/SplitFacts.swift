import Core
import Files

/// `split.json` beside the parts of a list: what they were made of.
public struct SplitFacts: Sendable, Codable {
  /// The file's name.
  public static let name = "split.json"

  /// The version of this shape.
  public var version = 1
  /// The absolute path of the list; nil where it came from standard input.
  public var list: String?
  /// What relative paths in the parts count from: a folder, absolute or seen from the parts' own.
  public var base: String
  /// How many parts there are.
  public var shards: Int
  /// How many rows they hold in all.
  public var rows: Int
  /// How many of those could not be read.
  public var unreadable: Int

  /// The folder that relative paths count from in the part at `path`; nil for what is no part, or is one that
  /// nothing is known of.
  static func base(ofPart path: String) -> String? {
    let parts = path.split(separator: "/")
    guard !path.contains("://"), let last = parts.last, Shard(name: last) != nil else { return nil }
    let folder = String(path.dropLast(last.count + 1))
    let place = folder.isEmpty && !path.hasPrefix("/") ? "." : folder
    guard let bytes = try? FileSystem.read("\(place)/\(name)"),
      let facts = try? JSONText.decode(SplitFacts.self, from: bytes)
    else { return nil }
    return facts.base.hasPrefix("/") ? facts.base : FileSystem.absolute("\(place)/\(facts.base)")
  }

  /// How the folder `base` is written down beside parts in `folder`: where the parts lie below it, a move of
  /// both together changes nothing.
  static func written(_ base: String, from folder: String) -> String {
    guard folder.hasPrefix(base + "/") else { return base }
    let depth = folder.dropFirst(base.count).split(separator: "/").count
    return Array(repeating: "..", count: depth).joined(separator: "/")
  }
}

extension ItemsFile {
  /// The longest list whose bytes are looked at to know it again: parts are shorter.
  private static let looksAt: Int64 = 64 << 20

  /// What says which list lies at `path`: its bytes, of a long one its length and the time of its last change;
  /// and what its paths count from. Nil for standard input. Throws `SwaplineError`.
  public static func identity(of path: String) throws(SwaplineError) -> String? {
    guard path != "-" else { return nil }
    guard let stamp = FileSystem.stamp(of: path) else { return nil }
    let base = FileSystem.absolute(base(of: path).map { $0.isEmpty ? "/" : $0 } ?? ".")
    guard stamp.size <= looksAt else { return "\(base)\n\(stamp.size) \(stamp.modified)" }
    return "\(base)\n\(try FileSystem.digest(of: path).hex)"
  }
}

extension Shard {
  /// The shard to select rows by: none if the list at `path` is, by its name, this shard's part, whose rows all belong to
  /// it. Throws if it is another shard's part.
  func unless(isPart path: String) throws(SwaplineError) -> Shard? {
    guard let last = path.split(separator: "/").last, let part = Shard(name: last),
      part.count == count
    else { return self }
    guard part == self else {
      throw SwaplineError(
        .usage, "\(path) is part \(part.text) of a list, and the shard is \(text).",
        hint: "Name the part \(name), or the whole list.", place: path)
    }
    return nil
  }
}
