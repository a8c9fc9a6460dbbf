import Core
import Curl
import Hosting
import Testing

@Suite struct CallbackBoardTests {
  @Test func theFirstCallbackCountsHoweverOftenItComes() async throws {
    let board = CallbackBoard(base: "http://here")
    #expect(board.open(token: "abc") == "http://here/callbacks/abc")
    async let early = board.told(of: "abc")
    try await Task.sleep(for: .milliseconds(10))
    #expect(board.take(["n": 1], for: "abc"))
    #expect(board.take(["n": 2], for: "abc"))
    #expect(await early?["n"] == 1)
    // Whoever comes late gets it too.
    #expect(await board.told(of: "abc")?["n"] == 1)
  }

  @Test func strangersAndLateOnesAreNotKnown() async {
    let board = CallbackBoard(base: "http://here")
    #expect(!board.take(["n": 1], for: "guessed"))
    #expect(await board.told(of: "guessed") == nil)
    _ = board.open(token: "abc")
    board.close("abc")
    #expect(!board.take(["n": 1], for: "abc"))
  }

  @Test func waitingEndsWithTheTaskAndWithTheAddress() async throws {
    let board = CallbackBoard(base: "http://here")
    _ = board.open(token: "abc")
    let waiting = Task { await board.told(of: "abc") }
    try await Task.sleep(for: .milliseconds(10))
    waiting.cancel()
    #expect(await waiting.value == nil)
    let other = Task { await board.told(of: "abc") }
    try await Task.sleep(for: .milliseconds(10))
    board.close("abc")
    #expect(await other.value == nil)
  }

  @Test func theEmbeddedHostTakesThemOverHTTP() async throws {
    let host = try EmbeddedHost()
    defer { Task { await host.stop() } }
    let board = try #require(host.callbacks)
    let url = board.open(token: "0123")
    #expect(url.hasSuffix("/callbacks/0123"))
    let client = HTTPClient()
    func post(_ url: String, _ body: String) async throws -> Int {
      try await client.send(
        HTTPRequest("POST", url, body: .bytes(Array(body.utf8)), addressPolicy: .any)
      ).status
    }
    #expect(try await post(url, "no json") == 422)
    #expect(try await post(url, String(repeating: "[", count: 511)) == 422)
    let deep = String(repeating: "[", count: 511) + String(repeating: "]", count: 511)
    #expect(try await post(url, deep) == 422)
    #expect(try await post(url, String(repeating: " ", count: 65_537)) == 413)
    #expect(try await post(url, #"{"task_id":"t"}"#) == 200)
    #expect(try await post(url.replacing("0123", with: "0124"), "{}") == 404)
    // Whoever knows no address has nothing read: neither the length nor the depth is looked at.
    for body in [deep, "no json", String(repeating: "[", count: 1_000_000)] {
      #expect(try await post(url.replacing("0123", with: "0124"), body) == 404)
    }
    #expect(await board.told(of: "0123")?["task_id"] == "t")
  }

  @Test func theEmbeddedHostHandsOnWhatOthersWaitFor() async throws {
    let host = try EmbeddedHost()
    defer { Task { await host.stop() } }
    let board = try #require(host.callbacks)
    let address = board.open(token: "own")
    let client = HTTPClient()
    func post(_ token: String) async throws -> Int {
      try await client.send(
        HTTPRequest(
          "POST", address.replacing("/own", with: "/\(token)"),
          body: .bytes(Array(#"{"n":1}"#.utf8)),
          addressPolicy: .any)
      ).status
    }
    let (known, unknown, away) = (
      String(repeating: "a", count: 32), String(repeating: "b", count: 32),
      String(repeating: "c", count: 32)
    )
    #expect(try await post(known) == 404)
    board.handOn { body, token in
      if token == away { throw SwaplineError(.storage, "The ledger is away.") }
      return token == known && body["n"] == 1
    }
    #expect(try await post(known) == 200)
    #expect(try await post(unknown) == 404)
    #expect(try await post("short") == 404)
    // The provider calls again.
    #expect(try await post(away) == 503)
    #expect(try await post("own") == 200)
  }
}
