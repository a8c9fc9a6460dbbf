import Synchronization
import Testing

@testable import MicroHTTPD

/// Clients that keep the server waiting, and those that must not wait for them.
@Suite struct SlowClientTests {
  private func server(_ limits: ConnectionLimits) throws -> HTTPServer {
    try HTTPServer(.init(limits: limits), bodyLimit: { _ in 1_000 }) { request in
      if request.path == "/slow" { try? await Task.sleep(for: .seconds(600)) }
      return .text(200, "well\n")
    }
  }

  private func health(_ server: HTTPServer, from host: UInt32) async -> String {
    let raw = RawClient(port: server.port, from: host)
    raw.send("GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    return await raw.receive()
  }

  static let waiting = [
    "", "GET /x HT", "GET /x HTTP/1.1\r\nHost: h\r\nX-A: ",
    "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nx",
  ]

  /// Whether they send nothing, or a part of a head or body, they make room for others.
  @Test(arguments: waiting, [1, 2])
  func crowdsKeepNobodyOut(_ start: String, _ host: UInt32) async throws {
    let server = try server(ConnectionLimits(maximum: 40, alwaysOpen: ["/healthz"]))
    let crowd = (0..<60).map { _ in
      let raw = RawClient(port: server.port)
      raw.send(start)
      return raw
    }
    for _ in 0..<3 { #expect(await health(server, from: host).hasSuffix("well\n")) }
    await server.stop(within: .zero)
    withExtendedLifetime(crowd) {}
  }

  /// Work in hand is not given up for a newcomer, who is told so, but for the path that stays open.
  @Test func workInHandStays() async throws {
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let server = try HTTPServer(
      .init(limits: ConnectionLimits(maximum: 8, maximumPerClient: 8, alwaysOpen: ["/healthz"]))
    ) { request in
      guard request.path == "/slow" else { return .text(200, "well\n") }
      begin.yield()
      try? await Task.sleep(for: .seconds(600))
      return .text(200, Task.isCancelled ? "cut\n" : "")
    }
    let crowd = (0..<8).map { _ in
      let raw = RawClient(port: server.port)
      raw.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
      return raw
    }
    var count = 0
    for await _ in begun {
      count += 1
      if count == 8 { break }
    }
    for host in [UInt32(1), 2] {
      #expect(await health(server, from: host).hasSuffix("well\n"))
      let other = RawClient(port: server.port, from: host)
      other.send("GET /else HTTP/1.1\r\nHost: h\r\n\r\n")
      let answer = await other.receive()
      #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("Retry-After: 5"))
    }
    crowd[0].hangUp()
    // The place is free once the server has seen that.
    var answer = ""
    for _ in 0..<500 where !answer.hasSuffix("well\n") {
      let raw = RawClient(port: server.port)
      raw.send("GET /else HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
      answer = await raw.receive()
    }
    #expect(answer.hasSuffix("well\n"))
    await server.stop(within: .zero)
    withExtendedLifetime(crowd) {}
  }

  @Test(arguments: [
    ("GET /x HTTP/1.1\r\nX-A: ", "b"),
    ("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n", "b"),
    ("G", "E"),
  ])
  func dripsAreEnded(_ start: String, _ drop: String) async throws {
    let server = try server(
      ConnectionLimits(idleSeconds: 2, headSeconds: 1, leastRate: 1_000_000, bodyGrace: 1))
    let raw = RawClient(port: server.port)
    raw.send(start)
    let drip = Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: .milliseconds(100))
        raw.send(drop)
      }
    }
    // Nothing else would end it: no pause is as long as the idle time.
    let answer = await raw.receive()
    drip.cancel()
    #expect(answer.isEmpty)
    for _ in 0..<500 where server.connectionCount > 0 {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(server.connectionCount == 0)
    await server.stop()
  }

  // By the clock alone, without sockets: 10 s for a head, 4 kB/s of a body after 10 s.
  @Test(arguments: [
    (Connections.Phase.idle, 0, 29, 1), (.idle, 0, 31, 0), (.head, 0, 9, 1), (.head, 0, 11, 0),
    (.body, 0, 9, 1), (.body, 0, 11, 0), (.body, 100_000, 34, 1), (.body, 100_000, 36, 0),
    (.body, 100_000_000, 1_799, 1), (.body, 100_000_000, 1_801, 0), (.handling, 0, 9_999, 1),
    (.sending, 0, 9_999, 1),
  ])
  func limits(_ phase: Connections.Phase, _ bytes: Int, _ seconds: Int, _ left: Int) {
    let connections = Connections(ConnectionLimits())
    let start = ContinuousClock.now
    let number = connections.open(-1, ClientAddress("a"), at: start)
    connections.enter(phase, number, at: start)
    connections.receive(bytes, number)
    connections.sweep(at: start + .seconds(seconds))
    #expect(connections.count == left)
    connections.close(number)
    #expect(connections.count == 0)
  }

  @Test func oneClientDoesNotTakeAnothersPlace() {
    let connections = Connections(ConnectionLimits(maximum: 10, maximumPerClient: 6))
    let (greedy, other) = (ClientAddress("greedy"), ClientAddress("other"))
    let start = ContinuousClock.now
    let first = connections.open(-1, other, at: start)
    let greedyOnes = (1...20).map {
      connections.open(-1, greedy, at: start + .milliseconds($0))
    }
    #expect(connections.count == 7)
    for number in greedyOnes { connections.enter(.handling, number) }
    let more = connections.open(-1, greedy, at: start + .seconds(1))
    #expect(connections.isSurplus(more))
    let third = connections.open(-1, other, at: start + .seconds(1))
    #expect(!connections.isSurplus(third) && !connections.isSurplus(first))
  }
}
