import Core
import Hosting
import Ledgers
import Pipelines
import Providers

/// What a provider tells by itself: the callback of this one submission, known by its token.
extension SwapPurchase {
  /// What the provider's callback tells; nil when none will come.
  func callback(of token: String) async -> CallbackNews? {
    guard let board = connected.callbacks else { return nil }
    // Of a task that can be asked for, a callback is a hint, and not worth a look a second.
    guard context.ledger.isShared, !connected.provider.answersQueries else {
      return await board.told(of: token).flatMap { connected.provider.read(callback: $0) }
    }
    return await withTaskGroup(of: JSONValue?.self) { group in
      group.addTask { await board.told(of: token) }
      group.addTask { [ledger = context.ledger] in
        repeat {
          if let body = try? await ledger.callbackFromElsewhere(for: token) { return body }
        } while (try? await Task.pause(for: Self.lookInterval)) != nil
        return nil
      }
      defer { group.cancelAll() }
      return await group.next()?.flatMap { connected.provider.read(callback: $0) }
    }
  }

  /// How often it is looked whether another run has had the callback.
  private static let lookInterval = Duration.seconds(1)

  func callbackHint(_ token: String?) -> (@Sendable () async -> CallbackNews?)? {
    guard let token else { return nil }
    return { await callback(of: token) }
  }

  /// The task of a submission without an answer, where the provider's callback names it soon.
  func taskByCallback(_ token: String?, within patience: TimeSpan) async -> String? {
    guard let token, connected.callbacks != nil else { return nil }
    context.progress("no answer came; waiting for the provider's callback")
    return try? await callback(of: token, within: patience)?.taskID
  }

  /// What the provider's callback tells of a submission that an earlier run left without an end: a provider that calls
  /// back again and again reaches this run too, at the same address, or another run that shares the ledger.
  func callbackOfEarlierRun(of entry: Ledger.Entry) async -> CallbackNews? {
    guard let token = entry.token, let board = connected.callbacks else { return nil }
    _ = board.open(token: token)
    defer { board.close(token) }
    let patience = min(connected.callbackPatience, .seconds(10))
    context.progress("no answer came; waiting for the provider's callback")
    return try? await callback(of: token, within: patience)
  }

  /// The callback that another run has had and left in the ledger; nil where none has.
  func kept(_ entry: Ledger.Entry) async throws -> JSONValue? {
    guard let token = entry.token else { return nil }
    return try await context.ledger.callbackFromElsewhere(for: token)
  }

  func callback(
    of token: String, within patience: TimeSpan
  ) async throws -> CallbackNews? {
    return try await withThrowingTaskGroup(of: CallbackNews?.self) { group in
      group.addTask { await callback(of: token) }
      group.addTask {
        try await Task.pause(for: patience.duration)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { return nil }
      return first
    }
  }
}

extension Ledger.Entry {
  /// Whether its task was accepted and only a callback can say where its result is.
  var isToBeTold: Bool { state == .accepted && (addresses ?? []).isEmpty }
}
