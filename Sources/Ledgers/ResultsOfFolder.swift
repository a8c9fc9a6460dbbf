import Core
import Files

/// The places of results that the runs of a folder share with others, so that what clears the folder away can
/// speak of them.
package struct ResultsOfFolder {
  private let list: String

  /// The places of `folder`.
  package init(_ folder: RunFolder) { list = folder.state + "/results" }

  /// Notes a place, before anything is put there.
  package func note(_ place: String) throws(SwaplineError) {
    let known = places
    guard !known.contains(place) else { return }
    let text = (known + [place]).map { $0 + "\n" }.joined()
    try FileSystem.write(Array(text.utf8), to: list)
  }

  /// The places, the first one first.
  package var places: [String] {
    let bytes = (try? FileSystem.read(list, limit: 1 << 20)) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

extension LedgersOfFolder {
  /// The results that the runs of this folder have bought, each once. Others may have taken them over since.
  package func ownResults() async throws -> [Media] {
    var results: [Digest: Media] = [:]
    for ledger in try opened() {
      try await ledger.forEach { entry in
        guard entry.folder == nil || entry.folder == ledger.folder else { return }
        if let result = entry.result { results[result.digest] = result }
      }
    }
    return results.values.sorted { $0.digest.hex < $1.digest.hex }
  }
}
