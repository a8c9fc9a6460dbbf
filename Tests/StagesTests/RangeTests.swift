import Core
import Files
import Pipelines
import Processing
import Stages
import Testing

/// Whatever a server answers to a request for the rest of a file, the file comes.
@Suite struct RangeTests {
  static let bytes = picture(640, 480, extra: (0..<100_000).map { UInt8($0 % 251) })
  static let tag = "ETag: \"a\""

  /// What a server says to a request for the rest.
  enum Habit: String, CaseIterable, Sendable {
    case right, whole200, whole206, claimedPartWholeBody, earlier, later, pastEnd, noContentRange
    case brokenContentRange, multipart, unknownTotals, zeroTotal, otherTotal, noTotal, otherTag
    case shortLength, capped, longerThanNamed, encodedPart, noContent, redirectToNowhere
    case badRequest, forbidden, notFound, notAllowed, precondition, serverError, notImplemented
    case unavailable, hangsUp, cutAtOnce, openTotal, tooSmallTotal
  }

  static func answer(_ habit: Habit, from start: Int) -> AnswerServer.Answer? {
    let count = bytes.count
    func part(_ range: String?, _ body: ArraySlice<UInt8>, _ more: String...) -> AnswerServer.Answer
    {
      AnswerServer.Answer(
        status: 206, fields: [tag] + (range.map { ["Content-Range: \($0)"] } ?? []) + more,
        body: body)
    }
    func status(_ status: Int, _ more: String...) -> AnswerServer.Answer {
      AnswerServer.Answer(status: status, fields: ["Content-Length: 0"] + more)
    }
    let rest = bytes[start...]
    let length = "Content-Length: \(rest.count)"
    let named = "bytes \(start)-\(count - 1)/\(count)"
    switch habit {
    case .right: return part(named, rest, length)
    case .whole200: return whole
    case .whole206:
      return part("bytes 0-\(count - 1)/\(count)", bytes[...], "Content-Length: \(count)")
    case .claimedPartWholeBody: return part(named, bytes[...], "Content-Length: \(count)")
    case .earlier:
      return part("bytes \(start - 100)-\(count - 1)/\(count)", bytes[(start - 100)...])
    case .later: return part("bytes \(start + 1)-\(count - 1)/\(count)", bytes[(start + 1)...])
    case .pastEnd: return part("bytes \(count)-\(count + 9)/\(count)", bytes.prefix(10))
    case .noContentRange: return part(nil, bytes[...], "Content-Length: \(count)")
    case .brokenContentRange: return part("bytes ten-twenty", rest, length)
    case .multipart: return part(nil, rest, "Content-Type: multipart/byteranges; boundary=x")
    case .unknownTotals: return status(416, "Content-Range: bytes */*")
    case .zeroTotal: return status(416, "Content-Range: bytes */0")
    case .otherTotal: return status(416, "Content-Range: bytes */7")
    case .noTotal: return status(416)
    case .otherTag:
      return AnswerServer.Answer(
        status: 206, fields: ["ETag: \"b\"", "Content-Range: \(named)", length], body: rest)
    case .shortLength: return part(named, rest.prefix(100), "Content-Length: 100")
    case .capped:
      let some = rest.prefix(20_000)
      return part(
        "bytes \(start)-\(start + some.count - 1)/\(count)", some, "Content-Length: \(some.count)")
    case .longerThanNamed: return part(named, rest + [1, 2, 3])
    case .encodedPart: return part(named, rest, length, "Content-Encoding: gzip")
    case .noContent: return status(204)
    case .redirectToNowhere: return status(302)
    case .badRequest: return status(400)
    case .forbidden: return status(403)
    case .notFound: return status(404)
    case .notAllowed: return status(405)
    case .precondition: return status(412)
    case .serverError: return status(500)
    case .notImplemented: return status(501)
    case .unavailable: return status(503)
    case .hangsUp: return nil
    case .cutAtOnce: return part(named, [], length)
    case .openTotal: return part("bytes \(start)-\(count - 1)/*", rest, length)
    case .tooSmallTotal: return part("bytes \(start)-\(count - 1)/\(start)", rest)
    }
  }

  static let whole = AnswerServer.Answer(
    status: 200, fields: [tag, "Content-Length: \(bytes.count)"], body: bytes[...])
  static let cut = AnswerServer.Answer(
    status: 200, fields: [tag, "Content-Length: \(bytes.count)"], body: bytes.prefix(40_000))

  /// A server that breaks the first answer off, and has `habit` from then on.
  static func server(_ habit: Habit) -> AnswerServer {
    AnswerServer { ask in
      if ask.number == 0 { return cut }
      return ask.from.map { answer(habit, from: $0) } ?? whole
    }
  }

  static func check(_ world: Line, _ run: Run, _ server: AnswerServer) throws {
    #expect(try run.asset().media[.scene]?.digest == Digest(of: bytes))
    #expect(server.asked.count <= 7)
    #expect(FileSystem.names(in: "\(world.out)/.swapline/partial").isEmpty)
  }

  @Test(arguments: Habit.allCases) func withinOneRun(habit: Habit) async throws {
    let world = try Line()
    let server = Self.server(habit)
    let item = Item(id: "one", scene: server.origin + "/a.png")
    let run = try await world.run(FetchTests.line(retries: 3), [item])
    try Self.check(world, run, server)
    #expect(server.asked[1].from == 40_000)
  }

  // Only the folder passes from one to the other, as between two processes.
  @Test(arguments: Habit.allCases) func inALaterRun(habit: Habit) async throws {
    let world = try Line()
    let server = Self.server(habit)
    let item = Item(id: "one", scene: server.origin + "/a.png")
    let line = FetchTests.line(retries: 0)
    #expect(try await world.run(line, [item]).error().code == .network)
    var runs = 0
    var run = try await world.run(line, [item])
    // A refusal that may pass ends this run; the next one must ask otherwise.
    while (try? run.error()) != nil, runs < 1 {
      runs += 1
      run = try await world.run(line, [item])
    }
    try Self.check(world, run, server)
  }

  /// What a server says to a request for all of the file.
  enum Whole: String, CaseIterable, Sendable {
    case whole206, noContentRange, brokenContentRange, capped, contradicting, lengthTooLong
    case lengthTooLongWithoutTag, endless
  }

  @Test(arguments: Whole.allCases) func onTheFirstRun(whole: Whole) async throws {
    let world = try Line()
    let bytes = Self.bytes
    let server = AnswerServer { ask in
      let start = ask.from ?? 0
      let count = bytes.count
      func part(_ fields: String..., body: ArraySlice<UInt8>? = nil) -> AnswerServer.Answer {
        AnswerServer.Answer(status: 206, fields: [Self.tag] + fields, body: body ?? bytes[start...])
      }
      switch whole {
      case .whole206: return part("Content-Range: bytes \(start)-\(count - 1)/\(count)")
      case .noContentRange: return part()
      case .brokenContentRange: return part("Content-Range: all of it")
      case .capped:
        let end = min(count, start + 30_000)
        return part("Content-Range: bytes \(start)-\(end - 1)/\(count)", body: bytes[start..<end])
      case .contradicting:
        return part("Content-Range: bytes 0-9/10", "Content-Length: \(count)", body: bytes[...])
      case .lengthTooLong:
        return AnswerServer.Answer(
          status: 200, fields: [Self.tag, "Content-Length: \(count + 1_000)"], body: bytes[...])
      case .lengthTooLongWithoutTag:
        return AnswerServer.Answer(
          status: 200, fields: ["Content-Length: \(count + 1_000)"], body: bytes[...])
      case .endless: return AnswerServer.Answer(status: 200, body: bytes[...])
      }
    }
    let item = Item(id: "one", scene: server.origin + "/a.png")
    let run = try await world.run(FetchTests.line(retries: 3), [item])
    try Self.check(world, run, server)
    let isShort = [.lengthTooLong, .lengthTooLongWithoutTag].contains(whole)
    // What was announced is longer: every pixel is looked at, and it is told.
    #expect((try run.asset().media[.scene]?.remarks != nil) == isShort)
    #expect(
      world.media.asked.contains { ($0 as? ProbeRequest)?.decodesFully == true } == isShort)
  }

  @Test func waitsAsLongAsTheServerAsks() async throws {
    let world = try Line()
    let server = AnswerServer { ask in
      ask.number > 0
        ? Self.whole : .init(status: 503, fields: ["Retry-After: 1", "Content-Length: 0"])
    }
    let item = Item(id: "one", scene: server.origin + "/a.png")
    let clock = ContinuousClock()
    let start = clock.now
    let run = try await world.run(FetchTests.line(retries: 1), [item])
    try Self.check(world, run, server)
    #expect(clock.now - start >= .seconds(1))
    #expect(
      run.events.contains { event in
        if case .progress(let text) = event.kind { text.contains("asks to wait 1s") } else { false }
      })
  }

  @Test(arguments: [429, 503]) func doesNotWaitLongerThanTheTimeout(status: Int) async throws {
    let world = try Line()
    let server = AnswerServer { _ in
      .init(
        status: status,
        fields: [
          "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After: Sun, 06 Nov 1994 08:59:37 GMT",
          "Content-Length: 0",
        ])
    }
    let item = Item(id: "one", scene: server.origin + "/a.png")
    let error = try await world.run(FetchTests.line(timeout: .minutes(5)), [item]).error()
    #expect(error.message.contains("asks to wait 10m"))
    #expect(error.hint?.contains("'timeout'") == true)
    #expect(server.asked.count == 1)
  }

  @Test(
    arguments: [
      (302, nil, "without a Location"), (300, nil, "without a Location"), (301, "", "Location"),
      (302, "/loop", "in a circle"), (300, "/whole.png", nil), (302, "whole.png", nil),
      (302, "/with space ü.png", nil), (302, "//127.0.0.1:1/x", "connection"),
      (302, "ftp://example.test/a", "ftp"),
    ] as [(Int, String?, String?)])
  func redirects(status: Int, location: String?, says: String?) async throws {
    let world = try Line()
    let server = AnswerServer { ask in
      if ask.path.hasSuffix(".png") { return Self.whole }
      return .init(
        status: status, fields: location.map { ["Location: \($0)"] } ?? [] + ["Content-Length: 0"])
    }
    let item = Item(id: "one", scene: server.origin + "/loop")
    let run = try await world.run(FetchTests.line(retries: 0), [item])
    guard let says else { return try Self.check(world, run, server) }
    let error = try run.error()
    #expect(error.description.contains(says), "\(error)")
    #expect(error.hint?.contains("Raise 'redirects'") != true, "\(error)")
  }
}
