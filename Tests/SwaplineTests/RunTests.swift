import Swapline
import Synchronization
import Testing

/// The library as its users have it, with the provider's wire format over real HTTP on loopback.
@Suite struct RunTests {
  static func line(
    host: HostReference = .embedded, provider: ProviderReference = .crun(at: .embedded)
  ) -> Pipeline {
    Pipeline("catalog") {
      Fetch(maximumSize: .megabytes(1))
      Validate(minimumSide: 16)
      Normalize(for: provider)
      Host(to: host)
      Swap(with: provider)
      Thumbnails(sides: [64])
      Metadata()
    }
  }

  @Test(arguments: [
    .embedded, .upload, HostReference("mine", kind: "embedded", [:]),
    HostReference("theirs", kind: "upload", [:]),
  ])
  func swapsThroughTheWireFormatOfThisProcess(host: HostReference) async throws {
    let desk = try Desk()
    let items = try [desk.item("one"), desk.item("two", width: 650), desk.item("same")]
    let outcomes = try await desk.run(Self.line(host: host), items)
    #expect(outcomes.assets.count == 3, "\(outcomes)")
    #expect(desk.media.swaps == 2)
    for asset in outcomes.assets {
      let width = asset.id == "two" ? 650 : 640
      let bytes = try FileSystem.read("\(desk.path)/out/\(asset.id)/result.png")
      #expect(bytes == picture(width, 480) + Desk.face)
      #expect(asset.swap?.credits == 1)
      #expect(asset.swap?.provider == "crun")
      #expect(FileSystem.exists("\(desk.path)/out/\(asset.id)/result-64.webp"))
      let report = try JSONText.decode(
        AssetReport.self, from: FileSystem.read("\(desk.path)/out/\(asset.id)/asset.json"))
      #expect(report == AssetReport(asset))
    }

    let again = try await desk.run(Self.line(host: host), items)
    #expect(again.assets.count == 3)
    #expect(desk.media.swaps == 2)
    for case .finished(let asset, let isReused) in again { #expect(isReused, "\(asset.id)") }
  }

  /// What the command leaves in a folder is made by the library.
  @Test func aRunLeavesItsReportsForPeople() async throws {
    let desk = try Desk()
    let (good, bad) = (try desk.item("good"), Item(id: "bad", scene: desk.path + "/nothing.png"))
    let line = Pipeline("reports") {
      Fetch(maximumSize: .megabytes(1))
      Thumbnails(sides: [32])
    }
    let out = desk.path + "/out"
    let summary = try await line.run([good, bad], into: out, options: desk.options()) { _ in }
    #expect(summary.tally.done == 1 && summary.tally.failed == 1)
    #expect(summary.problems.isEmpty)
    let run = try JSONValue(parsing: FileSystem.read(out + "/run.json"))
    #expect(run["done"] == 1 && run["failed"] == 1)
    #expect(run["run"]?.string == summary.run)
    let failed = try JSONValue(parsing: FileSystem.read(out + "/failed.jsonl"))
    #expect(failed["id"] == "bad")
    let page = String(decoding: try FileSystem.read(out + "/report.html"), as: UTF8.self)
    #expect(page.contains(#""name":"reports""#) && page.contains("1 done, 1 failed"))

    let second = try await line.run([good], into: out, options: desk.options()) { _ in }
    #expect(second.tally.reused == 1)
    #expect(!FileSystem.exists(out + "/failed.jsonl"), "nothing failed this time")
  }

  /// A report that cannot be written takes nothing from the items, and is told.
  @Test(arguments: ["run.json", "report.html"])
  func whatCannotBeWrittenForPeopleIsToldInTheSummary(name: String) async throws {
    let desk = try Desk()
    let out = desk.path + "/out"
    try FileSystem.makeFolder("\(out)/\(name)/in-the-way")
    let line = Pipeline("reports") {
      Fetch(maximumSize: .megabytes(1))
      Thumbnails(sides: [32])
    }
    let summary = try await line.run([desk.item("one")], into: out, options: desk.options()) { _ in
    }
    #expect(summary.tally.done == 1)
    #expect(summary.isRecorded == (name != "run.json"))
    #expect(summary.problems.count == 1 && summary.problems.first?.message.contains(name) == true)
    #expect(FileSystem.exists(out + "/one/scene-32.webp"))
  }

  @Test func outputsAreAlsoPutWhereThePatternSays() async throws {
    let desk = try Desk()
    var item = try desk.item("one")
    item.fields = ["sku": "A-7"]
    var line = Pipeline("outputs") {
      Fetch(maximumSize: .megabytes(1))
      Thumbnails(sides: [32, 64])
    }
    line.outputs = try OutputPattern("web/{sku}_{id}_{width}.{format}")
    let out = desk.path + "/out"
    _ = try await line.run([item], into: out, options: desk.options()) { _ in }
    let names = FileSystem.names(in: out + "/web").sorted()
    #expect(names == ["A-7_one_32.webp", "A-7_one_64.webp"])
    #expect(FileSystem.exists(out + "/one/scene-32.webp"))
    // What was removed comes again, and nothing else is done for it.
    FileSystem.remove(out + "/web/A-7_one_32.webp")
    let again = try await line.run([item], into: out, options: desk.options()) { _ in }
    #expect(again.tally.reused == 1)
    #expect(FileSystem.names(in: out + "/web").count == 2)
  }

  @Test func aPipelineWithoutASwapNeedsNoFaceAndNoKey() async throws {
    let desk = try Desk()
    var item = try desk.item("one")
    item.face = nil
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Thumbnails(sides: [32])
    }
    let outcomes = try await desk.run(line, [item])
    #expect(outcomes.assets.first?.renditions.map(\.file) == ["scene-32.webp"])
  }

  @Test func aDrainedRunIsFinishedByTheNext() async throws {
    let desk = try Desk(media: FakeMedia(duration: .milliseconds(60)))
    let items = try (0..<3).map { try desk.item("item\($0)", width: 640 + $0) }
    let options = desk.options()
    let stream = Self.line().run(items, into: desk.path + "/out", options: options) { event in
      if event.stage == "swap", case .stageStarted = event.kind { options.control.drain() }
    }
    var stopped = 0
    for try await outcome in stream { if case .stopped = outcome { stopped += 1 } }
    #expect(stopped > 0)
    let begun = desk.media.swaps
    let second = try await desk.run(Self.line(), items)
    #expect(second.assets.count == 3, "\(second)")
    // What was begun was brought home: nothing is swapped twice.
    #expect(begun <= 3 && desk.media.swaps == 3)
  }

  static let embedded: [(ProviderReference, Int)] = [
    // No known price is a credit; API in One publishes three; the file's own word stands above both.
    (.crun(at: .embedded), 3), (.apiInOne(at: .embedded), 1), (.aceData(at: .embedded), 3),
    (ProviderReference("crun", ["at": "embedded", "price": "1.5"]), 2),
    (ProviderReference("apiinone", ["at": "embedded", "price": "1"]), 3),
    (ProviderReference("crun", ["at": "embedded", "image_price": "3"]), 1),
    (ProviderReference("crun", ["at": "embedded", "price": "credits: 3, usd: 0.006"]), 1),
  ]

  @Test(arguments: embedded, [HostReference.embedded, .upload])
  func aBudgetBindsAtAnEmbeddedProvider(row: (ProviderReference, Int), host: HostReference)
    async throws
  {
    let (provider, bought) = row
    guard host == .embedded || provider.name == "crun" else { return }
    let desk = try Desk()
    let items = try (0..<8).map { try desk.item("item\($0)", width: 640 + $0) }
    var options = desk.options()
    options.budget.run = 3
    let last = Mutex<RunTotals?>(nil)
    var outcomes: [Runner.Outcome] = []
    for try await outcome in Self.line(host: host, provider: provider).run(
      items, into: desk.path + "/out", options: options,
      observe: { if case .runFinished(let totals) = $0.kind { last.withLock { $0 = totals } } })
    { outcomes.append(outcome) }
    #expect(desk.media.swaps == bought, "\(outcomes)")
    let totals = try #require(last.withLock { $0 })
    #expect(totals.charged.credits == 3 && totals.waiting.isEmpty && totals.inDoubt == 0)
    #expect(totals.stopped == 8 - totals.done && totals.reason?.code == .budget)
    // What was bought is finished, not only brought home.
    #expect(totals.done == bought)
    let knowsMoney = provider.name == "apiinone" || provider.route.values["price"]?.count ?? 0 > 3
    #expect(totals.charged.money.isEmpty != knowsMoney || provider.route.values["price"] == "1")
    let entries = try await Ledger(RunFolder(desk.path + "/out")).entries()
    #expect(entries.map(\.state) == Array(repeating: .succeeded, count: bought))
    // The same command again buys nothing more: the budget is the folder's.
    var again = desk.options()
    again.budget.run = 3
    _ = try await desk.run(Self.line(host: host, provider: provider), items, options: again)
    #expect(desk.media.swaps == bought)
    #expect(entries.allSatisfy { $0.credits == nil || $0.credits == $0.reserved })
  }

  @Test func foldersOfOneLedgerShareDaysAndMonthsAndWhatWasBought() async throws {
    let desk = try Desk()
    let items = try (0..<6).map { try desk.item("item\($0)", width: 640 + $0) }
    for (folder, items, budget, bought) in [
      ("a", items.prefix(4), Budget(run: 2, day: 3), 2), ("b", items.suffix(2), Budget(day: 3), 3),
      ("c", items.suffix(2), Budget(month: 3), 3), ("c", items.suffix(2), Budget(month: 4), 4),
      ("d", items.suffix(2), Budget(run: 0), 4),
    ] {
      var options = desk.options()
      options.ledger = desk.path + "/shared.sqlite"
      options.budget = budget
      try await Self.line().run(Array(items), into: "\(desk.path)/\(folder)", options: options) {
        _ in
      }
      #expect(desk.media.swaps == bought, "\(folder) with \(budget)")
    }
  }

  /// Each has a provider of its own, which knows nothing of what the other one took. The swaps last
  /// longer than it takes until the other run looks again.
  @Test(arguments: [nil, 4.0])
  func twoRunsThatShareALedgerAtTheSameTimeBuyASwapOnce(day: Double?) async throws {
    let desk = try Desk(media: FakeMedia(duration: .seconds(2)))
    let items = try (0..<4).map { try desk.item("item\($0)", width: 640 + $0) }
    var options = desk.options()
    options.ledger = desk.path + "/shared.sqlite"
    options.budget.day = day
    let done = try await withThrowingTaskGroup(of: RunTally.self) { [options] group in
      for name in ["a", "b"] {
        var own = options
        own.control = RunControl()
        group.addTask { [own] in
          try await Self.line().run(items, into: "\(desk.path)/\(name)", options: own) { _ in }
            .tally
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(done.map(\.done) == [4, 4], "\(done.flatMap(\.failures))")
    #expect(desk.media.swaps == 4)
    let states = try await Ledger(RunFolder(desk.path + "/a"), at: options.ledger).entries()
      .map(\.state)
    #expect(states == Array(repeating: .succeeded, count: 4))
  }

  @Test func whoStopsReadingStopsTheRun() async throws {
    let desk = try Desk(media: FakeMedia(duration: .seconds(30)))
    let folder = desk.path + "/out"
    let items = [try desk.item("slow")]
    let reader = Task {
      for try await _ in Self.line().run(items, into: folder, options: desk.options()) {}
    }
    for _ in 0..<1_000 where desk.media.swaps == 0 { try await Task.sleep(for: .milliseconds(5)) }
    #expect(desk.media.swaps == 1)
    reader.cancel()
    _ = await reader.result
    // The folder is free as soon as the run has taken itself down.
    var lock: RunLock?
    for _ in 0..<1_000 where lock == nil {
      lock = try? RunLock(RunFolder(folder))
      if lock == nil { try await Task.sleep(for: .milliseconds(5)) }
    }
    #expect(lock != nil)
  }

  @Test func whatCannotRunAtAllIsSaidBeforeAnything() async throws {
    let desk = try Desk()
    let item = try desk.item("one")
    var faceless = item
    faceless.face = nil
    let cases: [(Pipeline, [Item], String)] = [
      (Self.line(), [item, item], "Two items are called 'one'"),
      (Self.line(), [faceless], "has no face"),
      (Self.line(provider: .crun()), [item], "CRUN_API_KEY is not set"),
      (Self.line(host: .upload, provider: ProviderReference("nobody")), [item], "no provider"),
    ]
    for (pipeline, items, says) in cases {
      do {
        _ = try await desk.run(pipeline, items)
        Issue.record("'\(says)' was wanted")
      } catch let error as SwaplineError {
        #expect(error.code == .usage)
        #expect(error.message.contains(says), "\(error)")
      }
    }
    #expect(!FileSystem.exists(desk.path + "/out/one"))
  }
}
