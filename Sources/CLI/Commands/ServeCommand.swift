import Core
import Files
import Glibc
import Pipelines
import Processing
import Providers
import Serving
import Swapline

/// `swapline serve`: the vendors' wire formats on loopback, with the local engine behind them.
enum ServeCommand: Subcommand {
  static let facts = CommandFacts(
    "serve", "Serve the vendors' wire formats on loopback, with the local engine behind them.",
    options: [
      .value("port", "p", of: "N", "Port on 127.0.0.1 (default 8490; 0 picks a free one)."),
      .value(
        "keys", of: "FILE",
        "Accepted keys, one 'KEY CREDITS' per line; without it any key is accepted."),
      .value(
        "engine", of: "SETTINGS",
        "Face-swap networks of your own: 'model: swap.onnx, embedder: identity.onnx'."),
      .value("data", of: "DIR", "Folder for tasks and files (default: swapline-data)."),
      .value(
        "store", of: "URL",
        "Share tasks, keys and credits with other servers: postgres://user@host/database; --data must then be the same folder for all."
      ),
      .value(
        "lease", of: "TIME",
        "With --store: time until others take over the tasks of a server that is gone (default 30s)."
      ),
      .flag("migrate", nil, "Create or upgrade the tables of --store, and end."),
      .value("public-url", of: "URL", "Address by which clients reach the server, behind a proxy."),
      .flag(
        "allow-loopback", nil, "Also allow inputs from, and callbacks to, this machine."),
      .value("requests", of: "N", "New tasks allowed per key and minute (429 beyond)."),
      .value(
        "burst", of: "N", "How many of a minute's requests may arrive at once (default: all)."),
      .value("disable", of: "MODEL", repeats: true, "Reject a model with code 505."),
      .flag("maintenance", nil, "Reject new tasks with code 455."),
      .value(
        "attempts", of: "N",
        "Attempts per task when the server stops before the task is done (default 3)."),
      .value("uploads-per-key", of: "SIZE", "Total size of uploads per key (default 500MB)."),
      .value("upload-files", of: "N", "Number of uploads per key (default 500)."),
      .value("uploads", of: "SIZE", "Total size of all uploads (default 5GB)."),
      .value("upload-age", of: "TIME", "Lifetime of an upload (default 1h)."),
      .value("connections", of: "N", "Number of concurrent connections (default 1400)."),
      .value(
        "access-log", of: "FILE",
        "Access log file (default: standard error; 'none' disables it)."),
    ],
    examples: [
      "swapline serve --port 8490 --keys keys.txt --data data",
      "swapline serve --allow-loopback",
      "swapline serve --store postgres://shop@db.example/shop --data /mnt/shared/swapline",
    ])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let store = try arguments.last("store").map(Self.store)
    if arguments.has("migrate") {
      guard let store else {
        throw SwaplineError(
          .usage, "--migrate needs --store: the tables of a server's own folder need none of it.",
          hint: "Write --store postgres://user@host/database.")
      }
      terminal.result(try await WireServer.migrate(store) + "\n")
      return .good
    }
    var configuration = ServerConfiguration(
      folder: FileSystem.absolute(arguments.last("data") ?? "swapline-data"))
    configuration.port = try arguments.int("port", in: 0...65_535) ?? 8490
    if let path = arguments.last("keys") { configuration.keys = try KeyRing.load(path) }
    if let text = arguments.last("engine") {
      let settings = try EngineSettings(parsing: text)
      guard settings.values["model"] != nil else {
        throw SwaplineError(
          .usage, "--engine names no model.",
          hint: "Write --engine 'model: swap.onnx, embedder: identity.onnx'.")
      }
      configuration.engine = try await ThreadPool.disk.run { _ in try settings.weights() }
    }
    configuration.store = store
    if let lease = try arguments.time("lease") {
      guard lease >= .seconds(1) else {
        throw SwaplineError(
          .usage, "--lease is \(lease), and must be 1s or more.",
          hint: "Write for example --lease 30s.")
      }
      configuration.lease = lease
    }
    configuration.publicURL = arguments.last("public-url")
    configuration.allowsLoopback = arguments.has("allow-loopback")
    configuration.requestsPerMinute = try arguments.int("requests", in: 1...1_000_000)
    configuration.burst = try arguments.int("burst", in: 1...1_000_000)
    configuration.disabledModels = Set(arguments.all("disable"))
    configuration.isInMaintenance = arguments.has("maintenance")
    configuration.version = SwaplineVersion.text
    configuration.maximumAttempts =
      try arguments.int("attempts", in: 1...1_000) ?? configuration.maximumAttempts
    if let size = try arguments.size("uploads-per-key") { configuration.uploads.bytesPerKey = size }
    if let size = try arguments.size("uploads") { configuration.uploads.bytes = size }
    if let count = try arguments.int("upload-files", in: 1...1_000_000) {
      configuration.uploads.filesPerKey = count
    }
    if let age = try arguments.time("upload-age") { configuration.uploadLifetime = age }
    let connections = try arguments.int("connections", in: 1...100_000)
    configuration.limitConnections(
      to: OpenFiles.raise(for: connections ?? configuration.connections.maximum))
    switch arguments.last("access-log") {
    case nil: configuration.accessLog = AccessLog(descriptor: STDERR_FILENO)
    case "none"?: break
    case let path?: configuration.accessLog = try AccessLog(path: FileSystem.absolute(path))
    }
    try FileSystem.makeFolder(configuration.folder)
    let pool = WorkerPool()
    defer { pool.shutdown() }
    let server = try await WireServer(
      configuration, facades: ProviderDescriptor.facades, media: pool)
    terminal.result("\(server.origin)\n")
    terminal.message(
      "Serving the swaps of \(ProviderDescriptor.facades.titles) with the local engine; open that "
        + "address in a browser to try it. Data in \(configuration.folder). Ctrl-C stops.\n")
    if store != nil, configuration.publicURL == nil {
      terminal.message(
        "Without --public-url, addresses lead to this server alone; name that of the proxy.\n")
    }
    if configuration.keys.isOpen {
      terminal.message("Any key is accepted; --keys FILE restricts it.\n")
    }
    await untilStopped()
    terminal.message("stopping: running tasks finish, or continue at the next start\n")
    await server.stop()
    await configuration.accessLog?.close()
    return .interrupted
  }

  private static func store(_ text: String) throws -> String {
    guard ["postgres://", "postgresql://"].contains(where: { text.hasPrefix($0) }) else {
      throw SwaplineError(
        .usage, "--store is \(text), and must be the address of a PostgreSQL database.",
        hint: "Write --store postgres://user@host/database, or leave it out: the folder of --data "
          + "keeps the tasks of one server.")
    }
    return text
  }

  private static func untilStopped() async {
    let (requests, continuation) = AsyncStream.makeStream(of: Int.self)
    StopSignals.shared.handle { number in
      if number == 1 { continuation.finish() }
    }
    for await _ in requests {}
  }
}

extension KeyRing {
  fileprivate var isOpen: Bool {
    if case .open = self { return true }
    return false
  }
}
