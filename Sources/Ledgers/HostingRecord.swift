import Core
import Files
import FoundationEssentials
import SQLite
import Synchronization

/// The durable record of what hosts have put where: a file is written down before it is put, and struck
/// out when it is removed, so that a kill at any moment leaves nothing unknown behind.
///
/// Keys only, never addresses: who reads the record cannot fetch what is in a private bucket.
package final class HostingRecord: Sendable {
  /// How far a file has come.
  package enum State: String, Sendable, Hashable, Codable, CaseIterable {
    /// About to be put; found so by a later run, it may be there.
    case intended
    /// It has been uploaded, and is removed after its last use.
    case placed
    /// It is there to stay, as the user has said.
    case kept
    /// It is with the provider, who removes it when it likes.
    case left
  }

  /// A file somewhere.
  package struct Entry: Sendable, Hashable {
    /// The entry's number.
    package var number: Int64
    /// The host, as the pipeline calls it.
    package var host: String
    /// What the host is: what is needed to remove the file again.
    package var route: HostRoute
    /// Where it lies at the host.
    package var key: String
    /// SHA-256 of its bytes.
    package var digest: Digest
    /// Its format's name.
    package var format: String
    /// Its length in bytes.
    package var size: Int64
    /// Seconds since 1970 when it was put, or was to be.
    package var since: Double
    /// How far it has come.
    package var state: State
    /// What a host needs to go on with a file that is put in parts.
    package var upload: String?
    /// Why it could not be removed.
    package var message: String?
  }

  /// What a run has put and removed.
  package struct Tally: Sendable, Hashable {
    /// How many files were put.
    package var put = 0
    /// Their bytes.
    package var bytes: Int64 = 0
    /// How many were removed, those of earlier runs among them.
    package var removed = 0
  }

  private let queue: CommitQueue
  private let counts = Mutex(Tally())

  /// The record of a run's folder, made where it is missing.
  package convenience init(_ folder: RunFolder) throws {
    try self.init(.file(Self.path(in: folder.path)))
  }

  /// The record in a database of its own.
  package init(_ location: Database.Location) throws {
    do {
      let database = try Database(location, durability: .full)
      queue = CommitQueue(database, name: "hosting record")
      try database.migrate([
        """
        CREATE TABLE files(
          number INTEGER PRIMARY KEY, host TEXT NOT NULL, route TEXT NOT NULL, key TEXT NOT NULL,
          digest TEXT NOT NULL, format TEXT NOT NULL, size INTEGER NOT NULL, since REAL NOT NULL,
          state TEXT NOT NULL, upload TEXT, message TEXT);
        CREATE INDEX files_by_host ON files(host);
        """
      ])
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }

  /// Where the record of the run's folder at `path` lies.
  package static func path(in path: String) -> String { path + "/.swapline/hosted.sqlite" }

  /// What was put and removed since this was opened.
  package var tally: Tally { counts.withLock(\.self) }

  /// Notes a file that is about to be put; on the disk when this returns.
  package func intend(
    _ key: String, at host: String, _ route: HostRoute, digest: Digest, format: String, size: Int64
  ) async throws -> Int64 {
    let text = try JSONText.line(route)
    return try await transition { database in
      _ = try database.execute(
        """
        INSERT INTO files(host, route, key, digest, format, size, since, state)
        VALUES(?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .text(host), .text(text), .text(key), .text(digest.hex), .text(format), .int(size),
          .double(Date.now.timeIntervalSince1970), .text(State.intended.rawValue),
        ])
      return try database.query("SELECT last_insert_rowid() AS number")[0].value("number")
    }
  }

  /// Notes that a file is there, under `key` where that was not known before.
  package func put(
    _ number: Int64, _ state: State, key: String? = nil, size: Int64
  ) async throws {
    try await transition { database in
      _ = try database.execute(
        """
        UPDATE files SET state = ?, key = coalesce(?, key), since = ?, upload = NULL
        WHERE number = ?
        """,
        [
          .text(state.rawValue), SQLiteValue(key), .double(Date.now.timeIntervalSince1970),
          .int(number),
        ])
    }
    counts.withLock { tally in
      tally.put += 1
      tally.bytes += size
    }
  }

  /// Notes what a host needs to go on with a file that is put in parts.
  package func note(_ number: Int64, upload: String?) async throws {
    try await transition { database in
      _ = try database.execute(
        "UPDATE files SET upload = ? WHERE number = ?", [SQLiteValue(upload), .int(number)])
    }
  }

  /// Strikes out files that never came to be.
  package func strike(_ numbers: [Int64]) async throws {
    guard !numbers.isEmpty else { return }
    try await transition { database in
      for number in numbers {
        _ = try database.execute("DELETE FROM files WHERE number = ?", [.int(number)])
      }
    }
  }

  /// Strikes out files that were removed.
  package func removed(_ numbers: [Int64]) async throws {
    try await strike(numbers)
    counts.withLock { $0.removed += numbers.count }
  }

  /// Notes why files could not be removed.
  package func explain(_ reasons: [Int64: String]) async throws {
    guard !reasons.isEmpty else { return }
    try await transition { database in
      for (number, reason) in reasons {
        _ = try database.execute(
          "UPDATE files SET message = ? WHERE number = ?",
          [.text(reason.hidingQueries), .int(number)])
      }
    }
  }

  /// Every file, in the order in which they were put.
  package func entries() async throws -> [Entry] {
    try await queue.perform { try Self.entries($0) }
  }

  /// The files of a record that may be in use by a run; nothing is written or made.
  package static func read(_ path: String) throws -> [Entry] {
    do {
      return try entries(try Database(reading: path))
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }

  private static func entries(_ database: Database) throws -> [Entry] {
    try database.query("SELECT * FROM files ORDER BY number").map(Entry.init)
  }

  /// A change of the record: the moments at which a kill must leave nothing unknown.
  private func transition<Value: Sendable>(
    _ work: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    CrashPoint.shared.hit()
    defer { CrashPoint.shared.hit() }
    return try await queue.perform(work)
  }
}

extension HostingRecord.Entry {
  fileprivate init(_ row: Row) throws {
    let state: String = try row.value("state")
    let digest: String = try row.value("digest")
    let route: String = try row.value("route")
    guard let known = HostingRecord.State(rawValue: state), let digest = Digest(hex: digest) else {
      throw SwaplineError(
        .damaged, "The record of hosted files holds an entry that this version cannot read.",
        hint: "Use the version of swapline that wrote it.")
    }
    self.init(
      number: try row.value("number"), host: try row.value("host"),
      route: try JSONText.decode(HostRoute.self, from: route.utf8), key: try row.value("key"),
      digest: digest, format: try row.value("format"), size: try row.value("size"),
      since: try row.value("since"), state: known, upload: try row.optional("upload"),
      message: try row.optional("message"))
  }
}

extension HostingRecord.Entry: Encodable {
  private enum Key: String, CodingKey {
    case host, kind, key, digest, size, since, state, message
  }

  /// Without the host's settings, which the pipeline file has.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(host, forKey: .host)
    try container.encode(route.kind, forKey: .kind)
    try container.encode(key.hidingQueries, forKey: .key)
    try container.encode(digest, forKey: .digest)
    try container.encode(size, forKey: .size)
    try container.encode(
      Date(timeIntervalSince1970: since).formatted(.iso8601), forKey: .since)
    try container.encode(state, forKey: .state)
    try container.encodeIfPresent(message, forKey: .message)
  }
}
