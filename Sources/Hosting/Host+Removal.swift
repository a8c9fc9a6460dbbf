import Core

extension Host {
  /// How long a file is kept after its last use: the next item may need the same, as a face often is.
  package static var idleTime: Int64 { 60 }

  /// Removes files that have been unused for a while. Removals that fail are retried at the end of the run.
  package func removeUnused(for seconds: Int64 = idleTime) async {
    guard let placed else { return }
    // A record that cannot be written is told when the run ends.
    _ = try? await remove(placed.takeIdle(for: seconds), of: placed)
  }

  /// Removes all that this host has put and that is not to stay, and gives up what was begun. `place`
  /// says where it lies: "the bucket 'b'".
  func removeAll(of name: String, from place: String) async throws {
    guard let placed, !Task.isCancelled else { return }
    let (places, begun) = placed.takeAll()
    var problem: SwaplineError?
    var left = 0
    for entry in begun {
      do {
        try await abandon(entry)
        try await placed.strike(entry)
      } catch let error as SwaplineError {
        left += 1
        problem = problem ?? error
      }
    }
    let kept = try await remove(places, of: placed)
    left += kept.count
    guard left > 0 else { return }
    let reason = kept.min { $0.key < $1.key }?.value ?? problem
    throw SwaplineError(
      reason?.code ?? .unavailable,
      "\(left) file\(left == 1 ? "" : "s") of the host '\(name)' may still be in \(place). "
        + (reason?.message ?? ""), hint: reason?.hint)
  }

  /// Removes files, a thousand at a time, and notes what became of each.
  @discardableResult
  private func remove(
    _ places: [PlacedFiles.Place], of placed: PlacedFiles
  ) async throws -> [String: SwaplineError] {
    var all: [String: SwaplineError] = [:]
    var rest = places[...]
    while !rest.isEmpty {
      let some = Array(rest.prefix(1_000))
      let kept = await remove(some.map(\.key))
      all.merge(kept) { $1 }
      try await placed.note(some, kept: kept)
      rest = rest.dropFirst(some.count)
    }
    return all
  }
}
