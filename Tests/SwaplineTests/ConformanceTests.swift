import Core
import Curl
import Pipelines
import Processing
import Providers
import Runs
import Serving
import Stages
import Swapline
import Testing

/// What every provider's client has to do, whatever the other side does: the right end, one billable
/// swap at most, and a message that says what to do.
@Suite struct ConformanceTests {
  /// The provider that `all` holds under a name, with its own error bodies.
  typealias Vendor = ConformanceSubject

  /// How an item is to end.
  enum End: Sendable, Equatable {
    case done
    case failed(SwaplineError.Code)
  }

  private func ended(_ outcomes: [Runner.Outcome]) throws -> (end: End, error: SwaplineError?) {
    switch try #require(outcomes.first) {
    case .finished: (.done, nil)
    case .failed(_, let error): (.failed(error.code), error)
    case .stopped: throw SwaplineError(.internal, "The item was stopped.")
    }
  }

  /// Runs one item with faults, then again without.
  private func run(
    _ vendor: Vendor, _ place: FaultProxy.Place, _ faults: [FaultProxy.Fault], first: End,
    second: End = .done, billed: Int = 1, timeout: TimeSpan = .seconds(20),
    delay: TimeSpan = TimeSpan(milliseconds: 0),
    configure: @escaping @Sendable (inout ServerConfiguration) -> Void = { _ in }
  ) async throws {
    let desk = try Desk()
    let proxy = try await FaultProxy(desk.path, media: desk.media, delay: delay, configure)
    proxy.fail(place, faults)
    let provider = vendor.reference(proxy.url)
    let pipeline = Pipeline("conformance") {
      Fetch()
      Host(to: .embedded)
      Swap(with: provider, timeout: timeout)
      Metadata()
    }
    let item = try desk.item("one")
    let options = desk.options(environment: Vendor.environment)
    let one = try ended(try await desk.run(pipeline, [item], options: options))
    #expect(one.end == first, "\(String(describing: one.error))")
    if let error = one.error {
      #expect(error.hint != nil, "\(error)")
      #expect(!error.description.contains(Vendor.key), "\(error)")
    }
    proxy.fail(place, [])
    let two = try ended(try await desk.run(pipeline, [item], options: options))
    #expect(two.end == second, "\(String(describing: two.error))")
    // A task that was taken and never asked for again may still be under way.
    while try await proxy.server.store.unfinished() > 0 {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try await proxy.server.store.billable() == billed)
    await proxy.stop()
  }

  @Test(arguments: Vendor.all)
  func withoutAFaultASwapIsDone(vendor: Vendor) async throws {
    try await run(vendor, .submission, [], first: .done)
  }

  /// What the server itself refuses, in each vendor's own words: nothing is bought, and the error is the one
  /// that it is everywhere.
  @Test(arguments: Vendor.all)
  func whatTheServerRefusesIsNamed(vendor: Vendor) async throws {
    try await run(
      vendor, .submission, [], first: .failed(.unauthorized), second: .failed(.unauthorized),
      billed: 0
    ) { configuration in
      configuration.keys = (try? KeyRing.parse("another_key_0123456789 5\n", file: "keys")) ?? .open
    }
    try await run(
      vendor, .submission, [], first: .failed(.insufficientCredits),
      second: .failed(.insufficientCredits), billed: 0
    ) { configuration in
      configuration.keys = (try? KeyRing.parse("\(Vendor.key) 0\n", file: "keys")) ?? .open
    }
    let models = vendor.models
    try await run(
      vendor, .submission, [], first: .failed(.unsupported), second: .failed(.unsupported),
      billed: 0
    ) { $0.disabledModels = Set(models) }
  }

  // What the three vendors document beyond what every server refuses.
  typealias Code = (vendor: Vendor, status: Int, word: String, end: SwaplineError.Code)

  static let codes: [Code] = [
    (.crun, 401, "Unauthorized", .unauthorized),
    (.crun, 402, "Insufficient Credits", .insufficientCredits),
    (.crun, 404, "Not Found", .notFound), (.crun, 422, "Validation Error", .refusedByProvider),
    (.crun, 505, "Feature Disabled", .unsupported),
    (.apiinone, 400, "Invalid parameters", .refusedByProvider),
    (.apiinone, 401, "Invalid API key", .unauthorized),
    (.apiinone, 402, "No credits", .insufficientCredits),
    (.acedata, 400, "token_mismatched", .refusedByProvider),
    (.acedata, 400, "api_not_implemented", .unsupported),
    (.acedata, 401, "invalid_token", .unauthorized), (.acedata, 403, "forbidden", .unsupported),
    (.acedata, 403, "used_up", .insufficientCredits),
    (.acedata, 401, "token_expired", .unauthorized),
  ]

  @Test(arguments: codes)
  func refusalsCostNothingAndTheSwapIsBoughtLater(code: Code) async throws {
    let body = code.vendor.error(code.status, code.word)
    try await run(
      code.vendor, .submission, [.instead(code.status, body)], first: .failed(code.end))
  }

  @Test(arguments: codes.filter { $0.vendor != .acedata || $0.status == 400 })
  func anErrorInsideAnAnswerOf200IsOne(code: Code) async throws {
    let body = code.vendor.error(code.status, code.word)
    try await run(code.vendor, .submission, [.instead(200, body)], first: .failed(code.end))
  }

  @Test(
    arguments: [
      (.crun, 429, "Rate Limited"), (.apiinone, 429, "slow down"),
      (.acedata, 429, "too_many_requests"), (.crun, 455, "Maintenance"),
    ] as [(Vendor, Int, String)])
  func aWishForPatienceIsHeard(vendor: Vendor, status: Int, word: String) async throws {
    let refusal = FaultProxy.Fault.instead(
      status, vendor.error(status, word), ["Retry-After": "0"])
    try await run(vendor, .submission, [refusal], first: .done)
  }

  static let broken = [
    (502, "<html>Bad Gateway</html>"), (500, #"{"code":500,"message":"Server Error"}"#),
    (200, ""), (200, #"{"code":200,"message":"success","data":{"task_"#), (200, "[]"),
    (200, #"{"code":"200","data":[],"task_id":7}"#), (408, "{}"), (504, "{}"),
  ]

  @Test(arguments: broken)
  func whatWasTakenWithoutAnAnswerIsNeverSentAgain(status: Int, body: String) async throws {
    for vendor in Vendor.all where !vendor.provider.callsBack {
      // Late enough for a run to be over before its files are fetched, were they not waited for.
      try await run(
        vendor, .submission, [.after(status, body)], first: .failed(.ambiguous),
        second: .failed(.ambiguous), delay: TimeSpan(milliseconds: 300))
    }
  }

  @Test(arguments: broken)
  func whereACallbackComesItTellsWhichTaskItWas(status: Int, body: String) async throws {
    for vendor in Vendor.all where vendor.provider.callsBack && vendor.provider.answersQueries {
      try await run(vendor, .submission, [.after(status, body)], first: .done)
    }
  }

  @Test(
    arguments: [
      .instead(404, #"{"code":404,"message":"Not Found"}"#), .instead(500, "oops"),
      .instead(200, "no json"), .instead(200, "{}"), .instead(429, "{}", ["Retry-After": "0"]),
      .instead(302, "", ["Location": "http://127.0.0.1:1/"]), .instead(503, ""),
      .instead(200, #"{"code":200,"data":{"task_id":"t","status":"levitating"}}"#),
    ] as [FaultProxy.Fault])
  func aQueryThatFailsForAWhileIsBorne(fault: FaultProxy.Fault) async throws {
    if case .instead(302, _, _) = fault {
      // Nobody knows who stands at the other end: the run stops, and the next one asks again.
      for vendor in Vendor.all where vendor.provider.answersQueries && !vendor.provider.callsBack {
        try await run(vendor, .query, [fault], first: .failed(.refusedByProvider))
      }
      return
    }
    for vendor in Vendor.all where vendor.provider.answersQueries {
      try await run(vendor, .query, [fault, fault], first: .done)
    }
  }

  @Test(arguments: Vendor.plain)
  func aResultThatIsNotThereYetIsFetchedAgain(vendor: Vendor) async throws {
    try await run(vendor, .file, [.instead(503, ""), .instead(503, "")], first: .done)
  }

  @Test(arguments: Vendor.plain)
  func aResultBehindARedirectIsFetched(vendor: Vendor) async throws {
    try await run(vendor, .file, [.redirected, .redirected], first: .done)
  }

  @Test(arguments: Vendor.plain)
  func anExpiredResultIsAskedForAgainAndNotBoughtAgain(vendor: Vendor) async throws {
    try await run(vendor, .file, [.instead(410, "gone")], first: .failed(.notFound))
  }

  @Test(arguments: [
    ("<html>sign in</html>", SwaplineError.Code.damaged), ("", .damaged),
  ])
  func aResultOfAnotherTypeIsNone(body: String, code: SwaplineError.Code) async throws {
    for vendor in Vendor.plain {
      let fault = FaultProxy.Fault.instead(200, body, ["Content-Type": "image/png"])
      try await run(vendor, .file, [fault], first: .failed(code))
    }
  }

  @Test func callbacksThatComeTwiceLateOrNeverChangeNothing() async throws {
    let forged = #"{"code":200,"data":{"task_id":"t","status":"failed","result":{"code":501}}}"#
    for fault in [
      FaultProxy.Fault.times(2), .late(.milliseconds(300)), .instead(500, ""),
      .after(200, forged),
    ] {
      try await run(.crun, .callback, [fault], first: .done)
    }
    try await run(.acedataCallback, .callback, [.times(3)], first: .done)
  }

  @Test func aCallbackThatNeverComesIsInDoubtWhereNobodyCanBeAsked() async throws {
    try await run(
      .acedataCallback, .callback, [.instead(500, "")], first: .failed(.timeout),
      second: .failed(.ambiguous), timeout: .seconds(1))
  }
}
