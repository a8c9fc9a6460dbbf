import Core
import Synchronization

/// Finds the account behind a key. The server keeps digests of keys only.
final class Accounts: Sendable {
  private let store: any TaskStore
  private let isOpen: Bool
  private let known: Mutex<Set<String>>

  /// Accounts for `ring`, written into the store with their credits.
  init(_ ring: KeyRing, store: any TaskStore) async throws {
    self.store = store
    var accounts: Set<String> = []
    if case .listed(let entries) = ring {
      for entry in entries {
        let account = entry.key.expose(Self.account)
        try await store.grant(entry.credits, to: account)
        accounts.insert(account)
      }
      isOpen = false
    } else {
      isOpen = true
    }
    known = Mutex(accounts)
  }

  /// The name of a key's account: 64 hexadecimal digits, by which the key cannot be found.
  static func account(of key: String) -> String { Digest(of: key).hex }

  /// The account of `key`; nil when the key is not known.
  func find(_ key: String) async throws -> String? {
    let account = Self.account(of: key)
    if known.withLock({ $0.contains(account) }) { return account }
    guard isOpen, !key.isEmpty else { return nil }
    try await store.grant(nil, to: account)
    known.withLock { _ = $0.insert(account) }
    return account
  }
}
