import Core

/// The rate of a provider that everybody who shares a ledger keeps together: turns are taken from the
/// ledger about a second's worth at a time, and used one by one. What is not used in time is lost.
actor SharedRate {
  private struct Block {
    var first: ContinuousClock.Instant
    var left: Int
    let step: Duration
  }

  private let store: any LedgerStore
  private var blocks: [String: [Block]] = [:]

  init(_ store: any LedgerStore) { self.store = store }

  /// When the next submission to `provider`, which takes so many a minute, may be sent; nil where the
  /// ledger knows of nobody else.
  func turn(of provider: String, perMinute: Double) async throws -> ContinuousClock.Instant? {
    if let turn = taken(from: provider) { return turn }
    let step = 60 / perMinute
    let count = max(1, Int(perMinute / 60))
    let asked = ContinuousClock.now
    guard let wait = try await store.lease(count, of: provider, every: step) else { return nil }
    // Counted from before the question: the way there and back makes a turn no earlier.
    blocks[provider, default: []].append(
      Block(first: max(asked, .now) + .seconds(wait), left: count, step: .seconds(step)))
    return taken(from: provider)
  }

  private func taken(from provider: String) -> ContinuousClock.Instant? {
    while var block = blocks[provider]?.first {
      guard block.left > 0 else {
        blocks[provider]?.removeFirst()
        continue
      }
      let turn = block.first
      block.left -= 1
      block.first += block.step
      blocks[provider]?[0] = block
      return turn
    }
    return nil
  }
}
