import Core
import Serving
import TestSupport
import Testing

@Suite struct CallbackTests {
  /// Waits until `outside` has got `count` callbacks.
  func callbacks(_ outside: Outside, _ count: Int) async throws -> [Outside.Callback] {
    for _ in 0..<2_000 where outside.callbacks.count < count {
      try await Task.sleep(for: .milliseconds(5))
    }
    return outside.callbacks
  }

  @Test func theEndIsToldSignedUntilItIsTaken() async throws {
    let outside = try Outside(refusals: 2)
    let bench = try await Bench(outside) {
      $0.callbackDelays = [TimeSpan(milliseconds: 10), TimeSpan(milliseconds: 10)]
    }
    let id = try await bench.submit(bench.body(callback: outside.url("done")))
    let got = try await callbacks(outside, 3)
    try #require(got.count == 3)
    let told = try JSONValue(parsing: got[2].body)
    #expect(told["code"] == 200)
    #expect(told["data"] == (try await bench.end(of: id)))
    #expect(told["data"]?["status"] == "success")
    for callback in got {
      let parts = callback.signature.split(separator: ",")
      let time = try #require(parts.first?.dropFirst(2))
      let code = try #require(parts.last?.dropFirst(3))
      let signer = Signer(key: Array(Digest(of: Bench.key).hex.utf8))
      let text = "\(time)." + String(decoding: callback.body, as: UTF8.self)
      #expect(signer.verify(String(code), of: text))
    }
    try await Task.sleep(for: .milliseconds(60))
    #expect(outside.callbacks.count == 3)
  }

  @Test func triesAreCounted() async throws {
    let outside = try Outside(refusals: 100)
    let bench = try await Bench(outside) { $0.callbackDelays = [TimeSpan(milliseconds: 5)] }
    _ = try await bench.end(
      of: try await bench.submit(bench.body(scene: "none", callback: outside.url("done"))))
    #expect(try await callbacks(outside, 2).count == 2)
    try await Task.sleep(for: .milliseconds(60))
    #expect(outside.callbacks.count == 2)
    let told = try JSONValue(parsing: outside.callbacks[0].body)
    #expect(told["data"]?["status"] == "failed")
    #expect(told["data"]?["result"]?["code"] == 422)
  }

  @Test func whatIsDueOutlivesTheServer() async throws {
    let outside = try Outside(refusals: 1)
    let folder = try TemporaryFolder()
    do {
      let bench = try await Bench(outside, folder: folder) {
        $0.callbackDelays = [TimeSpan(milliseconds: 400)]
      }
      _ = try await bench.submit(bench.body(callback: outside.url("done")))
      #expect(try await callbacks(outside, 1).count == 1)
      // The note of the failed try follows it.
      try await Task.sleep(for: .milliseconds(50))
      await bench.server.stop(within: .zero)
    }
    let again = try await Bench(outside, folder: try folder.copy())
    #expect(try await callbacks(outside, 2).count == 2)
    #expect(again.server.port > 0)
  }

  @Test func thisMachineIsNotCalledUnlessAllowed() async throws {
    let outside = try Outside()
    let bench = try await Bench(outside) { $0.allowsLoopback = false }
    _ = try await bench.end(
      of: try await bench.submit(bench.body(callback: outside.url("done"))))
    try await Task.sleep(for: .milliseconds(50))
    #expect(outside.callbacks.isEmpty)
  }
}
