import Core
import Curl
import Files
import FoundationEssentials
import Hosting
import Ledgers
import Pipelines
import Processing
import Providers
import Runs
import Stages
import Synchronization
import TestSupport
import Testing

/// A folder, its files, and everything that a line of stages needs, most of it fake.
final class Line: Sendable {
  let path: String
  let media: FakeMedia
  let provider: FakeProvider
  let server = FileServer()
  let identity: String
  private let client = HTTPClient()

  /// A world of its own.
  init(
    media: FakeMedia = FakeMedia(), provider: FakeProvider = FakeProvider(),
    identity: String = "crun"
  ) throws {
    path = TestFolder.unique("stages")
    self.media = media
    self.provider = provider
    self.identity = identity
    try FileSystem.makeFolder(path + "/in")
  }

  deinit {
    client.shutdown()
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The run's folder.
  var out: String { path + "/out" }

  /// Writes an input file and tells its path.
  @discardableResult
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = "\(path)/in/\(name)"
    try FileSystem.write(bytes, to: file)
    return file
  }

  /// An item of a scene and a face that lie in files; `width` tells one scene from another.
  func item(_ id: String = "one", width: Int = 640) throws -> Item {
    Item(
      id: id, scene: try file("\(id).png", picture(width, 480)),
      face: try file("face.png", picture(64, 64)))
  }

  /// The waiting of these tests: as short as can be told from none.
  static let waiter = Waiter(
    minimumDelay: TimeSpan(milliseconds: 2), maximumDelay: TimeSpan(milliseconds: 5),
    deadline: .seconds(10), grace: TimeSpan(milliseconds: 20))

  /// Runs `pipeline` once over `items`.
  func run(
    _ pipeline: Pipeline, _ items: [Item], control: RunControl = RunControl(),
    retriesAmbiguous: Bool = false, identity: String? = nil, takesKeysOnce: Bool = false,
    input: Int32? = nil, ledger: String? = nil, swapsHere: Bool = false,
    resultPatience: TimeSpan = TimeSpan(milliseconds: 0),
    fetchPatience: TimeSpan = TimeSpan(milliseconds: 0),
    hosts: [String: any Hosting.Host] = ["embedded": FakeHost()],
    observe: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) async throws -> Run {
    var resources = Resources()
    resources[HTTPClientKey.self] = client
    resources[SharedFetchesKey.self] = SingleFlight()
    resources[SharedSwapsKey.self] = SingleFlight()
    resources[RetryAmbiguousKey.self] = retriesAmbiguous
    resources[HostsKey.self] = hosts
    resources[StandardInputKey.self] = input
    var connected = ConnectedProvider(
      provider: provider, identity: identity ?? self.identity, waiter: Self.waiter,
      retries: SubmissionRetries(
        maximumAttempts: 3, busyPause: TimeSpan(milliseconds: 2),
        notSentPause: TimeSpan(milliseconds: 2)), resultPolicy: .publicAndLoopback,
      takesKeysOnce: takesKeysOnce)
    connected.resultPatience = resultPatience
    connected.fetchPatience = fetchPatience
    connected.swapsHere = swapsHere
    connected.fullDiskPatience = TimeSpan(milliseconds: 0)
    resources[ProvidersKey.self] = ["crun": connected]
    let events = Mutex<[RunEvent]>([])
    let runner = try Runner(
      pipeline, in: try RunFolder(out), media: media, resources: resources, control: control,
      ledger: ledger
    ) { event in
      events.withLock { $0.append(event) }
      observe(event)
    }
    var outcomes: [Runner.Outcome] = []
    try await runner.run(items) { outcomes.append($0) }
    return Run(outcomes: outcomes, events: events.withLock { $0 })
  }

  /// What the ledger holds.
  func ledger() async throws -> [Ledger.Entry] {
    try await Ledger(RunFolder(out)).entries()
  }

  /// A status that says where the result lies from the second question on.
  func result(
    _ bytes: [UInt8] = picture(640, 480, extra: [9]), credits: Double? = 1,
    _ troubles: [FileServer.Trouble] = []
  ) -> FakeProvider.Status {
    let url = server.give("result.png", bytes, troubles)
    return { _, number in
      number < 2 ? .waiting("running") : .succeeded(SwapResult(urls: [url], credits: credits))
    }
  }
}

/// What came of one run.
struct Run: Sendable {
  var outcomes: [Runner.Outcome]
  var events: [RunEvent]

  /// The stages that did their work, in order.
  var performed: [String] {
    events.compactMap { if case .stageFinished = $0.kind { $0.stage } else { nil } }
  }

  /// What the run came to, from its last event.
  var totals: RunTotals? {
    guard case .runFinished(let totals)? = events.last?.kind else { return nil }
    return totals
  }

  /// The stages whose earlier outcome stood.
  var reused: [String] {
    events.compactMap { if case .stageReused = $0.kind { $0.stage } else { nil } }
  }

  /// The items that were stopped.
  var stopped: [String] {
    outcomes.compactMap { if case .stopped(let item) = $0 { item.id } else { nil } }
  }

  /// The asset of an item that must have ended well.
  func asset(_ id: String = "one") throws -> Asset {
    for case .finished(let asset, _) in outcomes where asset.id == id { return asset }
    throw Missing(wanted: "\(id) to end well", outcomes: "\(outcomes)")
  }

  /// The error of an item that must have failed.
  func error(_ id: String = "one") throws -> SwaplineError {
    for case .failed(let item, let error) in outcomes where item.id == id { return error }
    throw Missing(wanted: "\(id) to fail", outcomes: "\(outcomes)")
  }
}

/// An outcome that was wanted and is not there.
struct Missing: Error {
  var wanted: String
  var outcomes: String
}

/// Counts from one, from any task.
final class Counter: Sendable {
  private let value = Mutex(0)

  var count: Int { value.withLock { $0 } }

  func next() -> Int {
    value.withLock { value in
      value += 1
      return value
    }
  }
}
