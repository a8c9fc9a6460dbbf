import Core
import Files
import Pipelines
import Processing

/// The keys under which the outcomes of one item's stages are remembered.
///
/// The first key stands on what the item names, with the stamps of local files; the others stand
/// on the digests of what was fetched, so that a moved or re-downloaded file changes nothing.
struct StageCacheKeys {
  let pipeline: Pipeline
  let item: Item
  /// What each stage and its parameters add to a key.
  private let stageKeys: [String]

  /// The keys of `item`; `stageKeys` are the pipeline's, where they are known already.
  init(pipeline: Pipeline, item: Item, stageKeys: [String]? = nil) {
    self.pipeline = pipeline
    self.item = item
    self.stageKeys = stageKeys ?? Self.stageKeys(of: pipeline)
  }

  /// The key of the first stage's outcome; nil when the item cannot be known again, as with
  /// standard input.
  var fetchKey: Digest? {
    var parts = [item.id, stageKeys[0]]
    for role in Role.allCases {
      guard let reference = item.reference(for: role) else { continue }
      guard reference != "-" else { return nil }
      parts.append("\(role.rawValue) \(reference)")
      if let path = LocalReference.path(reference) {
        guard let stamp = FileSystem.stamp(of: path) else { return nil }
        parts.append("\(path) \(stamp.size) \(stamp.modified)")
      }
    }
    return Digest(of: parts.joined(separator: "\n"))
  }

  /// The keys of the stages behind the first, given what that one fetched.
  func keys(after fetched: Asset) -> [Digest] { keys(after: Self.inputs(of: fetched)) }

  /// The same, given the `inputs` of what was fetched.
  func keys(after inputs: String) -> [Digest] {
    var text = inputs.isEmpty ? item.id : item.id + "\n" + inputs
    return stageKeys.dropFirst().map { key in
      text += "\n" + key
      return Digest(of: text)
    }
  }

  /// The digests of what was fetched, as keys stand on them.
  static func inputs(of fetched: Asset) -> String {
    Role.allCases.compactMap { fetched.media[$0]?.digest.hex }.joined(separator: "\n")
  }

  /// What the item's outcome stands on, in words that can be compared.
  var links: [ChainLink] {
    let files = Role.allCases.compactMap { role -> ChainLink? in
      guard let reference = item.reference(for: role) else { return nil }
      let stamp = LocalReference.path(reference).flatMap(FileSystem.stamp)
      return ChainLink(
        name: "the \(role.rawValue)",
        text: reference.knownAddress + (stamp.map { " \($0.size) \($0.modified)" } ?? ""))
    }
    return files + zip(pipeline.stages, stageKeys).map { ChainLink(name: $0.name, text: $1) }
  }

  /// Own networks by their files as they are now: another network makes another result.
  private static func engineStamps(_ route: ProviderRoute?) -> String {
    guard let text = route?.values[EngineSettings.name],
      let settings = try? EngineSettings(parsing: text)
    else { return "" }
    return settings.files.map { path in
      let stamp = FileSystem.stamp(of: FileSystem.absolute(path))
      return stamp.map { " \($0.size) \($0.modified)" } ?? " -"
    }.joined()
  }

  // Another way to reach the provider is another provider: what a local engine made is no
  // substitute for what was bought, and the other way round.
  static func stageKeys(of pipeline: Pipeline) -> [String] {
    pipeline.stages.map { stage in
      let providers = stage.needs.compactMap(\.provider).map { name in
        let settings = pipeline.providers[name]?.values.sorted { $0.key < $1.key } ?? []
        return " \(name) " + settings.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
          + engineStamps(pipeline.providers[name])
      }
      return stage.memoryKey + providers.joined()
    }
  }
}
