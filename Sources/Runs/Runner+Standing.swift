import Core
import Files
import Pipelines

/// What earlier runs have done of an item, as far as its files are still whole.
extension Runner {
  /// How far an earlier run has brought an item.
  struct Standing {
    var outcome: StageCache.Outcome
    /// The first stage that is left to do.
    var next: Int
    /// Whether all of its files are known to be where people look for them.
    var isPublished = false
  }

  /// The latest stage behind the first whose outcome is remembered, and whose files are whole.
  func standing(of chain: StageCacheKeys, after fetched: String) async throws -> Standing? {
    let stages = chain.pipeline.stages
    let keys = chain.keys(after: fetched)
    var lasting = Array(stages.indices.dropFirst().reversed().filter { stages[$0].isLasting })
    while !lasting.isEmpty {
      guard let known = try await memory.first(of: lasting.map { keys[$0 - 1] }) else { return nil }
      let (index, outcome) = (lasting[known.index], known.outcome)
      let isLast = index + 1 == stages.count
      let (isWhole, isPublished) = try await ThreadPool.disk.run { _ in
        let isWhole = holds(outcome)
        return (isWhole, isWhole && isLast && self.isPublished(outcome.asset, since: outcome.made))
      }
      if isWhole { return Standing(outcome: outcome, next: index + 1, isPublished: isPublished) }
      lasting = lasting.filter { $0 < index }
    }
    return nil
  }

  func isWhole(_ known: StageCache.Outcome) async throws -> Bool {
    try await ThreadPool.disk.run { _ in holds(known) }
  }

  private func holds(_ known: StageCache.Outcome) -> Bool {
    known.asset.media.values.allSatisfy { folder.holds($0, since: known.made) }
      && known.asset.renditions.allSatisfy { folder.holds($0.media, since: known.made) }
  }

  func isPublished(_ asset: Asset, since whole: Int64) -> Bool {
    asset.files.allSatisfy {
      folder.isPublished($0.media, as: $0.name, item: asset.id, since: whole)
    }
      && asset.documents.allSatisfy {
        FileSystem.exists("\(folder.folder(of: asset.id))/\($0.rawValue)")
      }
      && ((try? pipeline.outputs?.paths(of: asset)) ?? []).allSatisfy {
        folder.isPublished($0.media, at: $0.path, since: whole)
      }
  }
}
