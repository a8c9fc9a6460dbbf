import Core
import Foundation
import SQLite
import TestSupport
import Testing

@testable import Files
@testable import Ledgers

/// Looking at a ledger changes nothing, and needs nobody's leave.
@Suite struct LedgerReaderTests {
  private func items(_ path: String) async throws -> [String] {
    var items: [String] = []
    try await LedgerReader(path).forEach { items.append("\($0.item) \($0.state.rawValue)") }
    return items
  }

  private func contents(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
      let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[
        .posixPermissions]
      return "\(name) \(Digest(of: Array(data)).hex) \(mode ?? "")"
    }
  }

  @Test func aFolderStaysAsItIs() async throws {
    let folder = try TemporaryFolder()
    do {
      let ledger = try Ledger(.file(folder.path + "/ledger.sqlite"))
      for name in ["a", "b%20?c"] {
        _ = try await ledger.intend(Digest(of: name), item: name, provider: "p", model: "m")
      }
    }
    // The database is closed, and its log gone, when the ledger's thread has let go of it.
    for _ in 0..<1_000 where folder.names.count > 1 {
      try await Task.sleep(for: .milliseconds(5))
    }
    let before = try contents(folder.path)
    #expect(before.count == 1)
    #expect(try await items(folder.path + "/ledger.sqlite") == ["a intended", "b%20?c intended"])
    #expect(try contents(folder.path) == before)
  }

  @Test func aRunIsNotHeldUp() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a b?#%.sqlite"
    let ledger = try Ledger(.file(path))
    let number = try await ledger.intend(Digest(of: "a"), item: "a", provider: "p", model: "m")
    let writer = try Database(.file(path))
    // The write lock is held, and what was committed before is seen.
    try writer.execute("BEGIN IMMEDIATE")
    try writer.execute("UPDATE swaps SET item = 'changed'")
    let seen = try await items(path)
    try writer.execute("COMMIT")
    #expect(seen == ["a intended"])
    try await ledger.record(number, .refused)
    #expect(try await items(path) == ["changed refused"])
  }

  @Test func oldLedgersAreReadAsTheyAre() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/ledger.sqlite"
    do {
      let database = try Database(.file(path))
      try database.migrate([
        """
        CREATE TABLE swaps(
          number INTEGER PRIMARY KEY, key TEXT NOT NULL, item TEXT NOT NULL,
          provider TEXT NOT NULL, model TEXT NOT NULL, state TEXT NOT NULL, task TEXT,
          credits REAL, result TEXT, message TEXT, created REAL NOT NULL, updated REAL NOT NULL
        ) STRICT;
        """
      ])
      try database.execute(
        "INSERT INTO swaps VALUES (1, ?, 'old', 'p', 'm', 'accepted', 't', 2, NULL, NULL, 1, 1)",
        [.text(Digest(of: "a").hex)])
    }
    let before = try contents(folder.path)
    #expect(try await items(path) == ["old accepted"])
    #expect(try contents(folder.path) == before)
  }

  @Test func whatIsNoLedgerIsSaid() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/other.sqlite"
    #expect(throws: SwaplineError.self) { try LedgerReader(path) }
    _ = try Database(.file(path))
    let error = #expect(throws: SwaplineError.self) { try LedgerReader(path) }
    #expect(error?.message.contains("is not a ledger") == true)
    #expect(try contents(folder.path).count == 1)
  }
}
