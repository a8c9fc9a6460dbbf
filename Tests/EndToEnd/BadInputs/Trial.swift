import Foundation

/// Runs one row and says what came of it.
struct Trial {
  /// What came of a row.
  struct Outcome: Sendable {
    let label: String
    /// What was printed and how it ended; nil when the row cannot be run here.
    var entry: GoldenPage.Entry?
    /// Why the row is bad, whatever the page says; or why it was not run.
    var remarks: [String] = []
    /// All of standard error, to look at.
    var messages = ""
  }

  /// What `BadInput.during` sees and does.
  struct Scene: Sendable {
    let run: Started
    let server: HostileServer

    /// Waits until the hostile server was asked so, or the command has ended.
    func untilAsked(_ line: String) async throws {
      while run.isRunning, server.count(line) == 0 { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Waits until the command says this, or has ended.
    func untilTold(_ text: String) async throws {
      while run.isRunning, !run.messagesSoFar.contains(text) {
        try await Task.sleep(for: .milliseconds(5))
      }
    }
  }

  private let input: BadInput
  private let folder: TemporaryFolder
  private let server = HostileServer()
  private var served = ""

  init(_ input: BadInput) throws {
    self.input = input
    folder = try TemporaryFolder("bad")
  }

  /// Runs the row.
  static func outcome(of input: BadInput) async throws -> Outcome {
    if input.allowed.contains(.disk), let reason = await Disks.absence {
      return Outcome(label: input.label, remarks: [reason])
    }
    var trial = try Trial(input)
    return try await trial.run()
  }

  private mutating func run() async throws -> Outcome {
    defer { for (name, content) in input.files { content.open(at: folder.file(name)) } }
    try arrange(knowingServed: false)
    var companion: Started?
    if let beside = input.beside { companion = try await start(beside) }
    try arrange(knowingServed: true)
    for words in input.first {
      _ = try await started(words).wait()
    }
    let run = try started(input.words)
    let hangs = try await watch(run)
    let end = await run.wait()
    if let companion { await stop(companion) }
    var flaws = await Flaws.of(end, input, in: folder.path)
    if hangs { flaws.append("hangs") }
    if end.status != input.code { flaws.append("ends with \(end.status), not \(input.code)") }
    if let (line, count) = input.requests, server.count(line) != count {
      flaws.append("\(server.count(line)) times \(line), not \(count)")
    }
    let entry = GoldenPage.Entry(
      label: input.label, told: Told.line(end, naming: names), code: end.status)
    return Outcome(label: input.label, entry: entry, remarks: flaws, messages: end.messages)
  }

  /// Puts the files into the folder: those that name the server that the row starts, or the others.
  private func arrange(knowingServed: Bool) throws {
    let usual: [(String, FileContent)] = [
      ("prepare.yaml", .text(Self.prepare)), ("swap.yaml", .text(Self.swap)),
      ("photo.jpg", .fixture("formats/orientation-1.jpg")),
    ]
    for (name, content) in usual + input.files
    where content.mentions("{served}") == knowingServed {
      try content.make(at: folder.file(name), filling: filled)
    }
  }

  private mutating func start(_ beside: BadInput.Companion) async throws -> Started {
    let companion = try started(beside.words)
    func isReady() -> Bool {
      guard let file = beside.file else { return companion.outputSoFar.contains("\n") }
      return FileManager.default.contents(atPath: folder.file(file))?.isEmpty == false
    }
    let deadline = ContinuousClock.now + input.limit
    while companion.isRunning, !isReady(), ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(5))
    }
    served = String(companion.outputSoFar.prefix { $0 != "\n" })
    return companion
  }

  /// Asks it to end: once is enough for a server, twice for a run that waits.
  private func stop(_ companion: Started) async {
    companion.signal(SIGTERM)
    for _ in 0..<10 where companion.isRunning { try? await Task.sleep(for: .milliseconds(20)) }
    if companion.isRunning { companion.signal(SIGTERM) }
    _ = await companion.wait()
  }

  private func started(_ words: [String]) throws -> Started {
    let unset = ["CRUN_API_KEY", "SWAPLINE_MEDIA", "NO_COLOR"].flatMap { ["-u", $0] }
    let variables = input.variables.map { "\($0.key)=\(filled($0.value))" } + ["LC_ALL=C.UTF-8"]
    return try Started(
      "/usr/bin/env", unset + variables + words.map(filled), in: URL(filePath: folder.path))
  }

  /// Does what is to happen meanwhile; whether the command did not end in time.
  private func watch(_ run: Started) async throws -> Bool {
    let deadline = ContinuousClock.now + input.limit
    let scene = Scene(run: run, server: server)
    return try await withThrowingTaskGroup(of: Void.self) { [during = input.during] group in
      group.addTask { try await during?(scene) }
      while run.isRunning, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(5))
      }
      guard run.isRunning else { return false }
      kill(-run.pid, SIGKILL)
      run.signal(SIGKILL)
      return true
    }
  }

  private func filled(_ text: String) -> String {
    guard text.contains("{") else { return text }
    return text.replacing("{swapline}", with: Workshop.command.path)
      .replacing("{web}", with: server.origin).replacing("{port}", with: "\(server.port)")
      .replacing("{served}", with: served)
  }

  /// What changes from run to run, longest first.
  private var names: [(text: String, name: String)] {
    var names = ["\(folder.path)/", "\(Workshop.products.path)/", "\(Workshop.root.path)/"]
      .map { (text: $0, name: "") }
    names += [folder.path, Workshop.root.path].map { (text: $0, name: ".") }
    names.append((":\(server.port)", ":PORT"))
    names.append(("port \(server.port)", "port PORT"))
    if let port = served.split(separator: ":").last { names.append((":\(port)", ":PORT")) }
    return names
  }

  private static let prepare = """
    version: 1
    stages:
      - fetch: { maximum_size: 5MB, retries: 1, addresses: loopback }
      - validate: { minimum_side: 64 }
      - thumbnails: { sides: [64], format: webp }
      - metadata
    """

  static let swap = """
    version: 1
    providers:
      crun: { at: embedded }
    stages:
      - fetch
      - validate: { minimum_side: 64 }
      - normalize: { for: swap, maximum_side: 480 }
      - host
      - swap: { provider: crun }
      - thumbnails: { sides: [128], format: webp }
      - metadata
    """
}
