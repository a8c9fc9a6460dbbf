import Core
import Files
import Glibc
import Ledgers
import Providers
import Serving
import Swapline
import Synchronization
import TestSupport
import Testing

/// Runs that share a ledger and a place of results, as on two machines that see nothing else of each other.
@Suite struct SharedResultsTests {
  /// Two folders, a ledger, a place, and a provider that can be down.
  private final class Site: Sendable {
    let desk: Desk
    let vendor: FaultProxy
    let items: [Item]
    var place: String { desk.path + "/results" }
    private let said = Mutex<[String]>([])

    init(_ count: Int = 2) async throws {
      let desk = try Desk()
      self.desk = desk
      vendor = try await FaultProxy(desk.path, media: desk.media)
      items = try (0..<count).map { try desk.item("item\($0)", width: 640 + $0) }
    }

    /// Runs in the folder `name`, and what became of the items.
    @discardableResult
    func run(_ name: String, sharing place: String?) async throws -> RunTally {
      var options = desk.options(environment: ConformanceSubject.environment)
      options.ledger = desk.path + "/shared.sqlite"
      options.results = place
      let url = vendor.url
      let pipeline = Pipeline("shared") {
        Fetch()
        Host(to: .embedded)
        Swap(with: ConformanceSubject.crun.reference(url))
      }
      let observe: @Sendable (RunEvent) -> Void = { [self] event in
        if case .progress(let text) = event.kind { said.withLock { $0.append(text) } }
      }
      return try await pipeline.run(
        items, into: "\(desk.path)/\(name)", options: options, observe: observe
      ) { _ in }.tally
    }

    var progress: String { said.withLock { $0.joined(separator: "\n") } }

    /// Nobody sees the folder `name` any more.
    func hide(_ name: String) { rename("\(desk.path)/\(name)", "\(desk.path)/gone") }

    func goDown() {
      for place: FaultProxy.Place in [.submission, .query, .file] {
        vendor.fail(place, Array(repeating: .instead(401, "{}"), count: 500))
      }
    }

    /// The files at the place.
    var files: [String] { FileSystem.files(below: place) }

    func result(_ folder: String, _ item: Int) throws -> [UInt8] {
      try FileSystem.read("\(desk.path)/\(folder)/item\(item)/result.png")
    }

    func close() async { await vendor.stop() }
  }

  @Test func anotherMachineTakesResultsThoughTheProviderIsDown() async throws {
    let site = try await Site()
    #expect(try await site.run("a", sharing: site.place).done == 2)
    let digests = try (0..<2).map { Digest(of: try site.result("a", $0)).hex }
    #expect(
      site.files == digests.sorted().map { "\(site.place)/\($0.prefix(2))/\($0).png" })
    #expect(LedgersOfFolder.place(in: site.desk.path + "/a") == site.desk.path + "/shared.sqlite")
    site.hide("a")
    site.goDown()
    #expect(try await site.run("b", sharing: site.place).done == 2)
    for item in 0..<2 {
      #expect(try site.result("b", item) == picture(640 + item, 480) + Desk.face)
    }
    #expect(site.desk.media.swaps == 2)
    await site.close()
  }

  /// Without the place the provider is needed, which shows that it is the place that helps above.
  @Test func withoutThePlaceTheProviderIsAsked() async throws {
    let site = try await Site()
    try await site.run("a", sharing: nil)
    site.hide("a")
    site.goDown()
    #expect(try await site.run("b", sharing: nil).failed == 2)
    await site.close()
  }

  enum Harm: String, CaseIterable, Sendable { case cut, changed, missing }

  @Test(arguments: Harm.allCases)
  func whatIsDamagedIsAskedForAgainAndNotBoughtAgain(_ harm: Harm) async throws {
    let site = try await Site(1)
    try await site.run("a", sharing: site.place)
    let file = try #require(site.files.first)
    site.hide("a")
    var bytes = try FileSystem.read(file)
    FileSystem.remove(file)
    switch harm {
    case .cut: try FileSystem.write(Array(bytes.dropLast()), to: file)
    case .changed:
      bytes[bytes.count - 1] ^= 1
      try FileSystem.write(bytes, to: file)
    case .missing: break
    }
    #expect(try await site.run("b", sharing: site.place).done == 1)
    #expect(site.progress.contains(harm == .missing ? "is not at" : "was damaged at"))
    #expect(try site.result("b", 0) == picture(640, 480) + Desk.face)
    #expect(site.desk.media.swaps == 1)
    // A whole one has taken its place.
    #expect(try FileSystem.read(file) == picture(640, 480) + Desk.face)
    await site.close()
  }

  /// What was bought before there was a place comes there with the next run that uses it.
  @Test func earlierResultsArePutThereLater() async throws {
    let site = try await Site(1)
    try await site.run("a", sharing: nil)
    try await site.run("b", sharing: site.place)
    #expect(site.files.count == 1)
    await site.close()
  }

  @Test func aPlaceThatTakesNothingFailsNoItem() async throws {
    let site = try await Site(1)
    try FileSystem.makeFolder(site.place)
    // Every folder that a digest may ask for is a file.
    for number in 0..<256 {
      let name = String(number, radix: 16)
      try FileSystem.write([], to: "\(site.place)/\(name.count == 1 ? "0" + name : name)")
    }
    #expect(try await site.run("a", sharing: site.place).done == 1)
    #expect(site.progress.contains("could not be put at"))
    await site.close()
  }

  @Test func aPurgeLeavesWhatOthersMayNeedUnlessTold() async throws {
    let site = try await Site()
    try await site.run("a", sharing: site.place)
    let folder = site.desk.path + "/a"
    #expect(try FolderCleaning.sharedResults(folder) == [site.place])
    _ = try await FolderCleaning.removeMedia(folder, isDry: false)
    #expect(site.files.count == 2)
    for (isDry, left) in [(true, 2), (false, 0)] {
      let count = try await FolderCleaning.removeSharedResults(
        folder, environment: [:], isDry: isDry)
      #expect(count == 2 && site.files.count == left)
    }
    await site.close()
  }

  @Test func whatIsNoPlaceIsRefused() async throws {
    let site = try await Site(1)
    let error = await #expect(throws: SwaplineError.self) {
      try await site.run("a", sharing: "https://example.com/results")
    }
    #expect(error?.code == .usage && error?.message.contains("not a place") == true)
    #expect(site.desk.media.swaps == 0)
    await site.close()
  }

  /// An object of a bucket is taken, put once, and replaced where it is damaged.
  @Test(.enabled(if: SwiftStorage.absence == nil, "\(SwiftStorage.absence ?? "")"))
  func aBucketIsAPlaceToo() async throws {
    let storage = try await SwiftStorage.started()
    try storage.makeBucket("results")
    let site = try await Site(1)
    let environment = SwiftStorage.environment.merging(["AWS_ENDPOINT_URL": storage.origin]) { $1 }
    func run(_ name: String) async throws -> Int {
      var options = site.desk.options(
        environment: environment.merging(ConformanceSubject.environment) { $1 })
      options.ledger = site.desk.path + "/shared.sqlite"
      options.results = "s3://results/shop"
      let url = site.vendor.url
      let pipeline = Pipeline("shared") {
        Fetch()
        Host(to: .embedded)
        Swap(with: ConformanceSubject.crun.reference(url))
      }
      return try await pipeline.run(
        site.items, into: "\(site.desk.path)/\(name)", options: options
      ) { _ in }.tally.done
    }
    #expect(try await run("a") == 1)
    let digest = Digest(of: try site.result("a", 0)).hex
    let key = "shop/\(digest.prefix(2))/\(digest).png"
    #expect(try storage.list("results").contains(key))
    site.hide("a")
    try storage.put("results", key, "no picture at all")
    #expect(try await run("b") == 1)
    #expect(site.desk.media.swaps == 1)
    rename(site.desk.path + "/b", site.desk.path + "/away")
    site.goDown()
    #expect(try await run("c") == 1, "b has put a whole one there")
    #expect(try site.result("c", 0) == picture(640, 480) + Desk.face)
    let count = try await FolderCleaning.removeSharedResults(
      site.desk.path + "/c", environment: environment, isDry: false)
    #expect(count == 0, "c has bought nothing")
    #expect(try storage.list("results").contains(key))
    await site.close()
    await storage.stop()
  }
}
