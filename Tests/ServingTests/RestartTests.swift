import Core
import Curl
import Glibc
import Providers
import Serving
import TestSupport
import Testing

@Suite struct RestartTests {
  @Test(arguments: [false, true])
  func whatWasHalfDoneGoesOnAndIsChargedOnce(_ isKilled: Bool) async throws {
    let outside = try Outside()
    let folder = try TemporaryFolder()
    let engine = FakeEngine(duration: .seconds(60))
    let before = try await Bench(
      outside, folder: folder, engine: engine, keys: "\(Bench.key) 10"
    ) { $0.width = 1 }
    var ids: [String] = []
    for _ in 0..<3 { ids.append(try await before.submit()) }
    while engine.begun.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(2)) }
    // What stands on the disk now is what a kill leaves.
    let killed = try folder.copy()
    await before.server.stop(within: .zero)
    let after = isKilled ? killed : folder
    let bench = try await Bench(outside, folder: after, keys: "\(Bench.key) 10")
    for id in ids { #expect(try await bench.end(of: id)["status"] == "success") }
    #expect(try await bench.server.store.billable() == 3)
    #expect(try await bench.call("GET", "account/balance").data["balance"] == 7)
  }

  @Test func aStopLetsWhatRunsEnd() async throws {
    let folder = try TemporaryFolder()
    let engine = FakeEngine(duration: .milliseconds(80))
    let before = try await Bench(folder: folder, engine: engine)
    let id = try await before.submit()
    while engine.begun.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(2)) }
    await before.server.stop()
    let again = FakeEngine()
    let bench = try await Bench(folder: folder, engine: again)
    #expect(try await bench.end(of: id)["status"] == "success")
    #expect(again.begun.withLock { $0 } == 0)
  }

  @Test func aTaskThatEndsTheServerEachTimeIsGivenUp() async throws {
    let folder = try TemporaryFolder()
    let outside = try Outside()
    let id: String
    do {
      let store = try SQLiteTaskStore(.file(folder.path + "/tasks.sqlite"))
      try await store.grant(.whole(5), to: Digest(of: Bench.key).hex)
      let order = SwapOrder(
        model: "image-face-swap", sceneURL: "http://a/", sceneField: "s",
        faces: [SwapOrder.Face("http://a/", field: "f")], param: [:])
      guard
        case .created(let task) = try await store.create(
          order, account: Digest(of: Bench.key).hex)
      else {
        Issue.record("a task was wanted")
        return
      }
      id = task.id
      for _ in 0..<2 {
        _ = try await store.claim()
        _ = try await store.recover(limit: 3, isAlone: true)
      }
      _ = try await store.claim()
    }
    // A higher number lets it be tried again.
    let patient = try await Bench(outside, folder: try folder.copy(), keys: "\(Bench.key) 5") {
      $0.maximumAttempts = 4
    }
    let message = try await patient.end(of: id)["result"]?["message"]?.string
    #expect(message?.contains(" cannot be fetched") == true, "\(message ?? "")")
    let bench = try await Bench(outside, folder: folder, keys: "\(Bench.key) 5")
    let task = try await bench.end(of: id)
    #expect(task["status"] == "failed")
    #expect(
      task["result"]?["message"]?.string
        == "The task was started 3 times, and the server ended each time before it was done. "
        + "Submit it again; the operator sets how often a task is started (serve --attempts).")
    #expect(task["result"]?["code"] == 501)
    #expect(try await bench.call("GET", "account/balance").data["balance"] == 5)
  }

  /// A kill between the keeping of a result and the note of it.
  @Test func whatNobodyKnowsOfIsRemovedOnceItIsOld() async throws {
    let folder = try TemporaryFolder()
    let before = try await Bench(folder: folder)
    _ = try await before.end(of: try await before.submit())
    await before.server.stop()
    let kept = try folder.names("files")
    for name in ["old.png", "new.png"] { try folder.write([1], to: "files/" + name) }
    var times = [timeval(tv_sec: time(nil) - 8_000, tv_usec: 0)]
    times += times
    for name in kept + ["old.png"] { #expect(utimes(folder.file("files/" + name), times) == 0) }
    let after = try await Bench(folder: folder)
    for _ in 0..<2_000 where try folder.names("files").contains("old.png") {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(try Set(folder.names("files")) == Set(kept + ["new.png"]))
    await after.server.stop()
  }

  @Test func addressesOutliveARestart() async throws {
    let folder = try TemporaryFolder()
    let first = try await Bench(folder: folder)
    let task = try await first.end(of: try await first.submit())
    let url = try #require(task["result"]?["media_urls"]?.array?.first?.string)
    await first.server.stop()
    let second = try await Bench(folder: try folder.copy())
    let moved = url.replacing(first.server.origin, with: second.server.origin)
    let answer = try await second.http.send(HTTPRequest("GET", moved, addressPolicy: .any))
    #expect(answer.status == 200)
  }

  @Test func oneFolderIsForOneServerAndOnePortToo() async throws {
    let bench = try await Bench()
    let folder = await #expect(throws: SwaplineError.self) {
      _ = try await Bench(bench.outside, folder: bench.folder)
    }
    #expect(folder?.message == "Another server uses the folder \(bench.folder.path).")
    let port = await #expect(throws: SwaplineError.self) {
      _ = try await Bench(bench.outside) { $0.port = bench.server.port }
    }
    #expect(port?.hint?.contains("another port") == true)
  }
}
