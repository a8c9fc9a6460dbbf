import Core
import Files

/// The ledgers that the runs of a folder have used: its own, and those that it shares with others. What
/// clears away files must ask all of them what was paid.
package struct LedgersOfFolder {
  private let folder: RunFolder
  private let list: String

  /// The ledgers of `folder`.
  package init(_ folder: RunFolder) {
    self.folder = folder
    list = folder.state + "/ledgers"
  }

  /// Notes a shared one, before anything is bought through it.
  func note(_ place: LedgerPlace) throws(SwaplineError) {
    let known = shared
    guard !known.contains(place.text) else { return }
    let text = (known + [place.text]).map { $0 + "\n" }.joined()
    try FileSystem.write(Array(text.utf8), to: list)
  }

  /// Calls `body` with every entry of every ledger. Throws if one of them cannot be read, because then it is
  /// not known what was paid.
  package func forEach(_ body: (Ledger.Entry) throws -> Void) async throws {
    for ledger in try opened() { try await ledger.forEach(body) }
  }

  /// How many tasks of this folder the providers still have.
  package func acceptedCount() async throws -> Int {
    var count = 0
    for ledger in try opened() { count += try await ledger.entries(in: .accepted).count }
    return count
  }

  private func opened() throws -> [Ledger] {
    var ledgers: [Ledger] = []
    if FileSystem.exists(folder.state + "/ledger.sqlite") { ledgers.append(try Ledger(folder)) }
    for text in shared {
      if case .file(let path) = LedgerPlace(text), !FileSystem.exists(path) {
        throw SwaplineError(
          .notFound,
          "The ledger \(path), which runs in \(folder.path) have used, is not there: what they paid for is not known.",
          hint: "Restore it. If it is gone for good, remove its line from \(list).")
      }
      ledgers.append(try Ledger(folder, at: text))
    }
    return ledgers
  }

  private var shared: [String] {
    let bytes = (try? FileSystem.read(list, limit: 1 << 20)) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
