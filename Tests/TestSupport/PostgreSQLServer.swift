import Foundation
import Synchronization

/// A PostgreSQL server on a port of its own, which lets in the user `shop` without a password.
public final class PostgreSQLServer: Sendable {
  /// Why it cannot be started here; nil where it can.
  public static let absence = program("postgres") == nil ? Tool.absence("postgres") : nil

  /// Its port.
  public let port: Int
  private let folder: String
  private let process = Mutex<Started?>(nil)
  private let databases = Mutex(0)

  private init() throws {
    port = Loopback.freePorts(1)[0]
    // Not in a folder of the tests', which the server's user may not look into where they are root's.
    let variables = ProcessInfo.processInfo.environment
    let base = Self.user == nil ? variables["TMPDIR"] ?? "/tmp" : "/tmp"
    folder = "\(base)/swapline-postgres-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    Janitor.removes(folder)
    if let user = Self.user { chown(folder, user.uid, user.gid) }
  }

  private static let shared = Task { try await own() }

  /// The one server that all tests of this process use, each with a database of its own.
  public static func started() async throws -> PostgreSQLServer { try await shared.value }

  /// A server of the caller's own, to be stopped and killed.
  public static func own() async throws -> PostgreSQLServer {
    let server = try PostgreSQLServer()
    let made = try await server.command(
      "initdb",
      [
        "-D", server.folder + "/data", "-U", "shop", "--auth=trust", "-N", "-E", "UTF8",
        "--no-locale",
      ])
    guard made.status == 0 else { throw NotStarted(reason: "initdb: \(made.messages)") }
    try await server.start()
    return server
  }

  /// The address of a new database.
  public func database() async throws -> String {
    let name = databases.withLock { count in
      count += 1
      return "shop\(count)"
    }
    try await run("CREATE DATABASE \(name)", in: "postgres")
    return "postgres://shop@127.0.0.1:\(port)/\(name)"
  }

  /// Runs a statement and gives back what it prints.
  @discardableResult
  public func run(_ sql: String, in database: String) async throws -> String {
    let done = try await command(
      "psql",
      ["-h", "127.0.0.1", "-p", "\(port)", "-U", "shop", "-d", database, "-Atqc", sql])
    guard done.status == 0 else { throw NotStarted(reason: "psql: \(done.messages)") }
    return done.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Starts it, and returns when it answers.
  public func start() async throws {
    let words = [
      "-D", folder + "/data", "-p", "\(port)", "-c", "listen_addresses=127.0.0.1", "-c",
      "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200",
    ]
    let (program, arguments) = Self.asUser(Self.program("postgres") ?? "postgres", words)
    let started = try Started(program, arguments, in: URL(filePath: "/"))
    process.withLock { $0 = started }
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end, started.isRunning {
      if let answer = try? await run("SELECT 1", in: "postgres"), answer == "1" { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw NotStarted(reason: "postgres: \(started.messagesSoFar)")
  }

  /// Ends it by a signal: SIGINT cuts every connection off, SIGKILL is a crash.
  public func stop(_ signal: Int32 = SIGINT) async {
    guard let process = process.withLock({ $0 }) else { return }
    process.signal(signal)
    _ = await process.wait()
  }

  private func command(_ name: String, _ words: [String]) async throws -> Finished {
    let (program, arguments) = Self.asUser(Self.program(name) ?? name, words)
    return await (try Started(program, arguments, in: URL(filePath: "/"))).wait()
  }

  /// PostgreSQL never runs as root.
  private static func asUser(_ program: String, _ words: [String]) -> (String, [String]) {
    guard let user else { return (program, words) }
    return (
      "/usr/bin/setpriv",
      ["--reuid=\(user.uid)", "--regid=\(user.gid)", "--clear-groups", program] + words
    )
  }

  private static let user: (uid: uid_t, gid: gid_t)? = {
    guard getuid() == 0, let found = getpwnam("postgres") else { return nil }
    return (found.pointee.pw_uid, found.pointee.pw_gid)
  }()

  private static func program(_ name: String) -> String? {
    (["/usr/lib/postgresql/15/bin"]
      + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init))
      .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
