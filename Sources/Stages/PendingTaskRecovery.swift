import Core
import Ledgers
import Pipelines
import Processing
import Providers

/// Brings home what earlier runs left at the providers, before anything new is begun: a result lies
/// there for a limited time, the oldest goes first.
package enum PendingTaskRecovery {
  /// How many are asked for at once.
  private static let width = 8

  /// Asks once for each task that is not at home. What is not done yet, or fails, is left to its item.
  package static func run(in context: StageContext) async throws {
    let open = try await context.ledger.entries(in: .accepted)
    guard !open.isEmpty else { return }
    let providers = context.resources[ProvidersKey.self] ?? [:]
    let connected = Dictionary(
      providers.values.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
    await withTaskGroup(of: Void.self) { group in
      var waiting = open.makeIterator()
      for _ in 0..<width {
        guard let entry = waiting.next() else { break }
        group.addTask { await fetch(entry, connected[entry.provider], context) }
      }
      while await group.next() != nil {
        guard !context.control.isDraining, let entry = waiting.next() else { continue }
        group.addTask { await fetch(entry, connected[entry.provider], context) }
      }
    }
  }

  private static func fetch(
    _ entry: Ledger.Entry, _ connected: ConnectedProvider?, _ context: StageContext
  ) async {
    guard let connected, let task = entry.task else { return }
    var result = entry.addresses.map { SwapResult(urls: $0, credits: entry.credits) }
    if connected.provider.answersQueries,
      case .succeeded(let found)? = try? await connected.provider.status(of: task)
    {
      result = found
    }
    guard let url = result?.urls.first else { return }
    let fetch = Fetch.ofResult(from: connected, retries: 1)
    guard
      let media = try? await FileFetch(stage: fetch, context: context).media(strangersAddress: url)
    else { return }
    // Whether it is a swap of its scene is for the item to say, which knows the scene.
    try? await context.ledger.record(
      entry.number, .succeeded, task: task, credits: result?.credits, result: media)
    context.task(task, .recovered)
  }
}
