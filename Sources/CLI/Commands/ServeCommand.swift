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
      .value("port", "p", of: "N", "The port on 127.0.0.1 (default 8490; 0 takes a free one)."),
      .value(
        "keys", of: "FILE", "Who may use it: a line KEY CREDITS each; without it any key may."),
      .value(
        "engine", of: "SETTINGS",
        "Networks of your own that make the faces: 'model: swap.onnx, embedder: identity.onnx'."),
      .value("data", of: "DIR", "Where tasks and files are kept (default: swapline-data)."),
      .value("public-url", of: "URL", "The address by which clients reach it, behind a proxy."),
      .flag(
        "allow-loopback", nil, "Fetch inputs from this machine too, and call back to it."),
      .value("requests", of: "N", "The most new tasks a key may ask for in a minute (429 beyond)."),
      .value("burst", of: "N", "How many of a minute's requests may come at once (default: all)."),
      .value("disable", of: "MODEL", repeats: true, "Decline a model with code 505."),
      .flag("maintenance", nil, "Decline new tasks with code 455."),
      .value(
        "attempts", of: "N",
        "How often a task is started when the server ends before it is done (default 3)."),
      .value("uploads-per-key", of: "SIZE", "What one key may keep of uploads (default 500MB)."),
      .value("upload-files", of: "N", "How many uploads one key may keep (default 500)."),
      .value("uploads", of: "SIZE", "What is kept of all keys' uploads (default 5GB)."),
      .value("upload-age", of: "TIME", "How long an upload is kept (default 1h)."),
      .value("connections", of: "N", "How many connections are served at once (default 1400)."),
      .value(
        "access-log", of: "FILE",
        "Where a line for each request goes (default: standard error; 'none' for nowhere)."),
    ],
    examples: [
      "swapline serve --port 8490 --keys keys.txt --data data",
      "swapline serve --allow-loopback",
    ])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
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
    if configuration.keys.isOpen {
      terminal.message("Any key may use it: name those who may with --keys FILE.\n")
    }
    await untilStopped()
    terminal.message("stopping: tasks under way end or go on with the next start\n")
    await server.stop()
    await configuration.accessLog?.close()
    return .interrupted
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
