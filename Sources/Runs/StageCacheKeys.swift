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

  /// The key of the first stage's outcome; nil when the item cannot be known again, as with
  /// standard input.
  var fetchKey: Digest? {
    var parts = [item.id, memoryKey(pipeline.stages[0])]
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
  func keys(after fetched: Asset) -> [Digest] {
    var text = ([item.id] + Role.allCases.compactMap { fetched.media[$0]?.digest.hex })
      .joined(separator: "\n")
    return pipeline.stages.dropFirst().map { stage in
      text += "\n" + memoryKey(stage)
      return Digest(of: text)
    }
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
    return files + pipeline.stages.map { ChainLink(name: $0.name, text: memoryKey($0)) }
  }

  /// Own networks by their files as they are now: another network makes another result.
  private func engineStamps(_ route: ProviderRoute?) -> String {
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
  private func memoryKey(_ stage: AnyStage) -> String {
    let providers = stage.needs.compactMap(\.provider).map { name in
      let settings = pipeline.providers[name]?.values.sorted { $0.key < $1.key } ?? []
      return " \(name) " + settings.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        + engineStamps(pipeline.providers[name])
    }
    return stage.memoryKey + providers.joined()
  }
}
