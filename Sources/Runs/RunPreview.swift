import Core
import Files
import Pipelines

/// What a folder remembers of items, asked without running: what is done, and why something would be
/// done again.
public struct RunPreview: Sendable {
  /// How an item stands.
  public struct Standing: Sendable, Hashable {
    /// The stages whose outcome an earlier run has left.
    public var done: [String]
    /// The first stage that would run; nil when all are done.
    public var next: String?
    /// Why it would run, when an earlier run had done it; nil for an item that is new.
    public var reason: String?
  }

  private let folder: RunFolder
  private let memory: StageCache

  /// What the folder at `path` remembers; nil when no run was there.
  public init?(_ path: String) throws {
    guard FileSystem.exists(path + "/.swapline/memory.sqlite") else { return nil }
    folder = try RunFolder(path)
    memory = try StageCache(folder)
  }

  /// How `item` stands in `pipeline`.
  public func standing(of item: Item, in pipeline: Pipeline) async throws -> Standing {
    let chain = StageCacheKeys(pipeline: pipeline, item: item)
    let names = pipeline.stages.map(\.name)
    var done: [String] = []
    if let key = chain.fetchKey, let known = try await memory.outcome(of: key) {
      done.append(names[0])
      let keys = chain.keys(after: known.asset)
      for index in names.indices.dropFirst().reversed() {
        guard let outcome = try await memory.outcome(of: keys[index - 1]), isWhole(outcome.asset)
        else { continue }
        done += names[1...index]
        break
      }
    }
    guard done.count < names.count else { return Standing(done: done, next: nil, reason: nil) }
    let old = try await memory.chain(of: item.id)
    let reason = old.map { ChainLink.difference(from: $0, to: chain.links) }
    return Standing(done: done, next: names[done.count], reason: reason)
  }

  private func isWhole(_ asset: Asset) -> Bool {
    (Array(asset.media.values) + asset.renditions.map(\.media)).allSatisfy {
      FileSystem.exists(folder.file($0))
    }
  }
}

/// One thing that an item's outcome stands on: a file, or a stage with its parameters.
struct ChainLink: Sendable, Hashable, Codable {
  var name: String
  var text: String

  /// What differs first between what an outcome stood on and what it would stand on now.
  static func difference(from old: [ChainLink], to new: [ChainLink]) -> String {
    for (before, now) in zip(old, new) where before != now {
      if before.name != now.name { return "'\(now.name)' stands where '\(before.name)' stood" }
      let (was, now) = (before.parameters, now.parameters)
      guard let was, let now else { return "\(before.name) has changed" }
      let changed = Set(was.keys).union(now.keys).sorted().filter { was[$0] != now[$0] }
      let parts = changed.map { key in
        "\(key) \(Self.text(was[key])) → \(Self.text(now[key]))"
      }
      return "'\(before.name)' has \(parts.joined(separator: ", "))"
    }
    if new.count > old.count { return "'\(new[old.count].name)' is new" }
    return "a file of it is gone"
  }

  private var parameters: [String: JSONValue]? {
    guard let start = text.firstIndex(of: "{"), let end = text.lastIndex(of: "}"),
      case .object(let parts)? = try? JSONValue(parsing: text[start...end].utf8)
    else { return nil }
    return parts
  }

  private static func text(_ value: JSONValue?) -> String {
    guard let value, value != .null else { return "unset" }
    return value.string ?? (try? JSONText.line(value)) ?? ""
  }
}
