import Core
import Curl
import Glibc
import PostgreSQL
import TestSupport
import Testing

@testable import Serving

/// Several servers on one store in PostgreSQL, and one folder of files.
@Suite(.enabled(if: PostgreSQLServer.absence == nil, "\(PostgreSQLServer.absence ?? "")"))
struct SharedStoreTests {
  /// A store, a folder and an outside world that servers share.
  private struct Site {
    let address: String
    let folder: TemporaryFolder
    let outside: Outside

    init(_ server: PostgreSQLServer? = nil, refusals: Int = 0) async throws {
      address = try await StoreBackend.database(of: server)
      folder = try TemporaryFolder()
      outside = try Outside(refusals: refusals)
    }

    /// A server whose engine has work for a minute, the engine, and the name of that task.
    func busyBench() async throws -> (Bench, FakeEngine, String) {
      let slow = FakeEngine(duration: .seconds(60))
      let bench = try await bench(slow)
      let task = try await bench.submit()
      try await wait(for: slow)
      return (bench, slow, task)
    }

    /// A server that shows itself every third of a second, and takes one task at a time.
    func bench(
      _ engine: FakeEngine = FakeEngine(),
      _ change: @escaping (inout ServerConfiguration) -> Void = { _ in }
    ) async throws -> Bench {
      try await Bench(outside, folder: folder, engine: engine, keys: "\(Bench.key) 10") {
        $0.store = address
        $0.width = 1
        $0.lease = .seconds(1)
        // As behind a proxy, every server knows the addresses of all.
        $0.publicURL = "http://127.0.0.1:1"
        change(&$0)
      }
    }

    /// Waits until the engine works on so many swaps.
    func wait(for engine: FakeEngine, _ count: Int = 1) async throws {
      while engine.begun.withLock({ $0 }) < count { try await Task.sleep(for: .milliseconds(2)) }
    }

    var store: PostgreSQLTaskStore { get throws { try PostgreSQLTaskStore(address) } }
  }

  @Test func versionsSideBySideRefuse() async throws {
    let server = try await PostgreSQLServer.started()
    let address = try await server.database()
    let name = String(address.split(separator: "/").last ?? "")
    let store = try PostgreSQLTaskStore(address)
    let none = await #expect(throws: SwaplineError.self) { try await store.check() }
    #expect(none?.hint?.contains("swapline serve --migrate --store \(address)") == true)
    #expect(try await WireServer.migrate(address).hasPrefix("Created the store at"))
    #expect(try await WireServer.migrate(address).hasPrefix("The store at"))
    try await store.check()
    for (version, word) in [(99, "newer"), (0, "--migrate")] {
      try await server.run("UPDATE swapline_store_schema SET version = \(version)", in: name)
      let other = try PostgreSQLTaskStore(address)
      let error = await #expect(throws: SwaplineError.self) { try await other.check() }
      #expect(error?.code == .unsupported && error?.message.contains("version \(version)") == true)
      #expect(error?.hint?.contains(word) == true)
    }
    let password = "postgres://shop:pw@127.0.0.1/x"
    let error = #expect(throws: SwaplineError.self) { try PostgreSQLTaskStore(password) }
    #expect(error?.code == .usage && error?.message.contains("pw") == false)
  }

  @Test func aTaskOfOneServerIsDoneAndAnsweredByAnother() async throws {
    let site = try await Site()
    let (one, _, _) = try await site.busyBench()
    let quick = FakeEngine()
    let two = try await site.bench(quick)
    let id = try await one.submit()
    let task = try await two.end(of: id)
    #expect(task["status"] == "success")
    #expect(try await one.end(of: id) == task)
    #expect(quick.begun.withLock { $0 } == 1)
    // Its file is at both.
    let url = try #require(task["result"]?["media_urls"]?.array?.first?.string)
    for bench in [one, two] {
      let here = url.replacing("http://127.0.0.1:1", with: bench.own)
      let answer = try await bench.http.send(HTTPRequest("GET", here, addressPolicy: .any))
      #expect(answer.status == 200)
    }
    await one.server.stop(within: .zero)
    await two.server.stop(within: .zero)
  }

  @Test func whoWaitsAtOneServerHearsFromAnother() async throws {
    let site = try await Site()
    let (one, slow, _) = try await site.busyBench()
    let two = try await site.bench()
    let vendor = AceDataFacadeTests()
    let (status, json) = try await vendor.call(one, vendor.body(one))
    #expect(status == 200 && json["success"] == true)
    #expect(slow.begun.withLock { $0 } == 1)
    await one.server.stop(within: .zero)
    await two.server.stop(within: .zero)
  }

  /// What a kill leaves of a server is a claim that nobody renews.
  @Test func anotherServerGoesOnWithWhatAKilledOneHad() async throws {
    let site = try await Site()
    let store = try site.store
    let account = Digest(of: Bench.key).hex
    try await store.grant(.whole(10), to: account)
    let order = SwapOrder(
      model: "image-face-swap", sceneURL: site.outside.url("scene.png"), sceneField: "scene",
      faces: [SwapOrder.Face(site.outside.url("face.png"), field: "face")],
      callbackURL: site.outside.url("done"), param: [:])
    guard case .created(let task) = try await store.create(order, account: account) else {
      Issue.record("a task was wanted")
      return
    }
    let claim = try #require(try await store.claim(for: TimeSpan(milliseconds: 300)))
    let heir = try await site.bench()
    #expect(try await heir.end(of: task.id)["status"] == "success")
    #expect(try await !store.finish(claim, Sample.result("late.png")))
    #expect(try await store.billable() == 1)
    #expect(try await store.balance(of: account) == .whole(9))
    for _ in 0..<2_000 where site.outside.callbacks.isEmpty {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(site.outside.callbacks.count == 1)
    await heir.server.stop()
    #expect(site.outside.callbacks.count == 1)
  }

  @Test func whatIsTakenOverIsStoppedWhereItWasAndItsFilesAreRemoved() async throws {
    let site = try await Site()
    let (one, _, id) = try await site.busyBench()
    // As if this server had slept for longer than its claim.
    let store = try site.store
    try await store.write { try $0.query("UPDATE store_tasks SET epoch = epoch + 1, lease = 0") }
    let two = try await site.bench()
    #expect(try await two.end(of: id)["status"] == "success")
    #expect(try await store.billable() == 1)
    #expect(try site.folder.names("files").count == 1)
    await one.server.stop(within: .zero)
    await two.server.stop(within: .zero)
  }

  @Test func limitsHoldOverAllServers() async throws {
    let site = try await Site()
    let change: @Sendable (inout ServerConfiguration) -> Void = {
      $0.requestsPerMinute = 4
      $0.uploads.filesPerKey = 3
    }
    let benches = [
      try await site.bench(FakeEngine(), change), try await site.bench(FakeEngine(), change),
    ]
    var seen: [Int] = []
    for number in 0..<6 {
      let answer = try await benches[number % 2].call(
        "GET", "files/upload-url?content_type=image%2Fpng")
      seen.append(answer.status)
      if answer.status == 429 { #expect(answer.headers["Retry-After"] != nil) }
    }
    // Three places for files, and the fourth request is over the one limit, the rest over the other.
    #expect(seen == [200, 200, 200, 429, 429, 429])
    let counts = try await PostgreSQLTaskStore(site.address).uploads()
    #expect(counts.count == 3)
    for bench in benches { await bench.server.stop(within: .zero) }
  }

  @Test func anUploadAtOneServerIsAnInputAtAnother() async throws {
    let site = try await Site()
    let (one, _, _) = try await site.busyBench()
    let two = try await site.bench()
    let files = FileTests()
    let (put, get) = try await files.upload(one)
    let here = put.replacing("http://127.0.0.1:1", with: two.own)
    #expect(try await files.put(two, here, picture(30, 20)) == 200)
    #expect(try await files.put(one, here, picture(31, 20)) == 409)
    let id = try await one.submit([
      "model": "image-face-swap", "input": ["image_url": .string(get), "new_face": .string(get)],
    ])
    let task = try await two.end(of: id)
    #expect(task["status"] == "success")
    #expect(task["result"]?["media_info"]?["width"] == 30)
    await one.server.stop(within: .zero)
    await two.server.stop(within: .zero)
  }

  @Test func aFolderIsSharedByServersOfAStoreOnly() async throws {
    let site = try await Site()
    let bench = try await site.bench()
    let alone = await #expect(throws: SwaplineError.self) {
      _ = try await Bench(site.outside, folder: site.folder)
    }
    #expect(alone?.message.contains("Another server uses the folder") == true)
    await bench.server.stop()
    let first = try await Bench(site.outside, folder: site.folder)
    let shared = await #expect(throws: SwaplineError.self) { _ = try await site.bench() }
    #expect(shared?.hint?.contains("keeps its tasks there") == true)
    await first.server.stop()
  }

  /// A database that goes away: whoever asks is told to come again, and nothing is lost.
  @Test func aDatabaseThatGoesAwayComesBackByItself() async throws {
    let database = try await PostgreSQLServer.own()
    let site = try await Site(database)
    let engine = FakeEngine(duration: .milliseconds(300))
    let bench = try await site.bench(engine)
    func status(_ path: String) async throws -> Int {
      try await bench.http.send(
        HTTPRequest("GET", bench.own + path, addressPolicy: .any)
      ).status
    }
    #expect(try await status("/readyz") == 200)
    var ids: [String] = []
    for _ in 0..<3 { ids.append(try await bench.submit()) }
    try await site.wait(for: engine)
    await database.stop(SIGKILL)
    let refused = try await bench.call("POST", "job/CreateTask", body: bench.body())
    #expect(refused.status == 503 && refused.headers["Retry-After"] == "5")
    #expect(try await status("/readyz") == 503)
    #expect(try await status("/healthz") == 200)
    #expect(try await status("/metrics") == 503)
    try await database.start()
    for id in ids { #expect(try await bench.end(of: id)["status"] == "success") }
    #expect(try await status("/readyz") == 200)
    #expect(try await bench.server.store.billable() == 3)
    #expect(try await bench.call("GET", "account/balance").data["balance"] == 7)
    await bench.server.stop()
    await database.stop()
  }
}
