import Core
import SQLite
import TestSupport
import Testing

@testable import Files
@testable import Ledgers

/// Where a ledger can be that several folders share; every kind keeps the same promises.
enum Backend: String, CaseIterable, Sendable {
  case sqlite, postgresql

  /// Those that can be tried here.
  static let here = allCases.filter { $0 == .sqlite || PostgreSQLServer.absence == nil }
}

/// A ledger of some kind that two folders share.
final class SharedLedger: Sendable {
  let path: String
  private let own = TestFolder.unique("shared")
  private let server: PostgreSQLServer?

  init(_ backend: Backend) async throws {
    switch backend {
    case .sqlite: (path, server) = (own + ".sqlite", nil)
    case .postgresql:
      let started = try await PostgreSQLServer.started()
      (path, server) = (try await started.database(), started)
      _ = try await LedgerReader.migrate(path)
    }
  }

  deinit { for end in ["", "-wal", "-shm"] { FileSystem.remove(path + end) } }

  /// The ledger as the first folder sees it, or another one.
  func ledger(
    _ folder: Int = 0, _ budget: Budget = Budget(), name: String? = nil
  ) async throws -> Ledger {
    let (own, path) = (own, path)
    return try await ThreadPool.disk.run { _ in
      try Ledger(RunFolder("\(own)-\(folder)"), at: path, budget: budget, name: name)
    }
  }

  /// Moves every entry into the past.
  func age(by seconds: Double) async throws {
    try await execute(
      "UPDATE swaps SET created = created - \(seconds), updated = updated - \(seconds)")
  }

  /// Runs a statement.
  func execute(_ sql: String) async throws {
    if let server {
      try await server.run(sql, in: String(path.split(separator: "/").last ?? ""))
    } else {
      _ = try Database(.file(path), durability: .full).execute(sql)
    }
  }
}
