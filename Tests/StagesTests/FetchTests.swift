import Core
import Files
import Glibc
import Pipelines
import Processing
import Stages
import Testing

@Suite struct FetchTests {
  static let bytes = picture(640, 480, extra: (0..<100_000).map { UInt8($0 % 251) })

  static func line(
    maximum: ByteSize = .megabytes(1), timeout: TimeSpan = .seconds(10), redirects: Int = 2,
    retries: Int = 1, addresses: Fetch.Addresses = .loopback
  ) -> Pipeline {
    Pipeline {
      Fetch(
        maximumSize: maximum, timeout: timeout, redirects: redirects, retries: retries,
        addresses: addresses)
    }
  }

  func run(_ world: Line, _ scene: String, _ line: Pipeline = Self.line(), input: Int32? = nil)
    async throws -> Run
  {
    try await world.run(line, [Item(id: "one", scene: scene)], input: input)
  }

  @Test(arguments: [
    ("plain.png", "PATH"), ("with space.png", "file://PATH"), ("ünï ©.png", "file://ENCODED"),
    ("100%41.png", "file://localhostENCODED"), ("100%41.png", "PATH"),
  ])
  func takesFilesOfThisMachine(name: String, form: String) async throws {
    let world = try Line()
    let path = try world.file(name, Self.bytes)
    let encoded = path.utf8.map { byte in
      let isPlain = byte < 128 && (Character(Unicode.Scalar(byte)).isLetter || byte == 47)
      return isPlain ? String(Unicode.Scalar(byte)) : "%" + [byte].hexadecimal.uppercased()
    }.joined()
    let reference = form.replacing("PATH", with: path).replacing("ENCODED", with: encoded)
    let asset = try await run(world, reference).asset()
    let scene = try #require(asset.media[.scene])
    #expect(scene.digest == Digest(of: Self.bytes))
    #expect(scene.width == 640 && scene.height == 480)
    #expect(asset.stages.first?.note?.contains("scene 640x480 png") == true)
    #expect(try FileSystem.read("\(world.out)/one/scene.png") == Self.bytes)
  }

  @Test func followsRedirectsAsFarAsAllowed() async throws {
    let world = try Line()
    let target = world.server.give("target.png", Self.bytes)
    let second = world.server.give("second.png", [], [.redirect(target), .redirect(target)])
    let first = world.server.give("first.png", [], [.redirect(second), .redirect(second)])
    #expect(try await run(world, first).asset().media[.scene]?.digest == Digest(of: Self.bytes))
    let error = try await run(world, first, Self.line(redirects: 1)).error()
    #expect(error.code == .network)
    #expect(error.hint?.contains("'redirects'") == true)
    let unfollowed = world.server.give("third.png", [], [.redirect(target)])
    let none = try await run(world, unfollowed, Self.line(redirects: 0)).error()
    #expect(none.message.contains("status 302"))
  }

  @Test func goesOnWithABrokenDownload() async throws {
    let world = try Line()
    let url = world.server.give("scene.png", Self.bytes, [.cut(after: 70_000)])
    let asset = try await run(world, url).asset()
    #expect(asset.media[.scene]?.digest == Digest(of: Self.bytes))
    let requests = world.server.requests("scene.png")
    #expect(requests.map(\.from) == [nil, 70_000])
    #expect(requests.map(\.sent) == [70_000, Self.bytes.count - 70_000])
  }

  @Test func theNextRunGoesOnWithABrokenDownload() async throws {
    let world = try Line()
    let url = world.server.give("scene.png", Self.bytes, [.cut(after: 70_000)])
    let line = Self.line(retries: 0)
    #expect(try await run(world, url, line).error().code == .network)
    let asset = try await run(world, url, line).asset()
    #expect(asset.media[.scene]?.digest == Digest(of: Self.bytes))
    let requests = world.server.requests("scene.png")
    #expect(requests.map(\.from) == [nil, 70_000])
    #expect(requests.map(\.sent).reduce(0, +) == Self.bytes.count)
    #expect(FileSystem.names(in: "\(world.out)/.swapline/partial").isEmpty)
  }

  @Test func aFileThatChangedMeanwhileIsFetchedWhole() async throws {
    let world = try Line()
    let url = world.server.give("scene.png", Self.bytes, [.cut(after: 70_000)])
    let line = Self.line(retries: 0)
    _ = try await run(world, url, line).error()
    let other = picture(641, 480, extra: [UInt8](repeating: 3, count: 90_000))
    world.server.give("scene.png", other)
    let asset = try await run(world, url, line).asset()
    #expect(asset.media[.scene]?.digest == Digest(of: other))
  }

  @Test(arguments: [FileServer.Trouble?.none, .unannounced])
  func stopsAtTheMaximumSize(trouble: FileServer.Trouble?) async throws {
    let world = try Line()
    let url = world.server.give("scene.png", Self.bytes, trouble.map { [$0] } ?? [])
    let error = try await run(world, url, Self.line(maximum: .kilobytes(50))).error()
    #expect(error.code == .limit)
    #expect(error.hint?.contains("'maximum_size'") == true)
    #expect(world.server.requests("scene.png").count == 1)
    #expect(!FileSystem.exists("\(world.out)/one"))
  }

  @Test func stopsAtTheMaximumSizeOfAFileAndOfStandardInput() async throws {
    let world = try Line()
    let path = try world.file("scene.png", Self.bytes)
    let line = Self.line(maximum: .kilobytes(50))
    let large = try await run(world, path, line).error()
    #expect(large.code == .limit)
    #expect(large.message.contains("is 100 kB; the limit is 50kB"))
    let input = open(path, O_RDONLY)
    defer { close(input) }
    #expect(try await run(world, "-", line, input: input).error().code == .limit)
  }

  @Test func readsStandardInput() async throws {
    let world = try Line()
    let input = open(try world.file("scene.png", Self.bytes), O_RDONLY)
    defer { close(input) }
    let scene = try await run(world, "-", input: input).asset().media[.scene]
    #expect(scene?.digest == Digest(of: Self.bytes))
  }

  @Test func aSilentServerIsATimeOut() async throws {
    let world = try Line()
    let url = world.server.give("scene.png", Self.bytes, [.silence])
    let line = Self.line(timeout: TimeSpan(milliseconds: 80), retries: 0)
    let error = try await run(world, url, line).error()
    #expect(error.code == .timeout)
    #expect(error.hint?.contains("'timeout'") == true)
  }

  @Test(arguments: [408, 429, 500, 503])
  func triesAgainWhatMayPass(status: Int) async throws {
    let world = try Line()
    let url = world.server.give("scene.png", Self.bytes, [.status(status)])
    let asset = try await run(world, url).asset()
    #expect(asset.media[.scene]?.digest == Digest(of: Self.bytes))
    #expect(world.server.requests("scene.png").count == 2)
    let busy = world.server.give("busy.png", Self.bytes, [.status(status), .status(status)])
    let error = try await run(world, busy).error()
    #expect(error.code == .network)
    #expect(error.message.contains("status \(status)"))
    #expect(world.server.requests("busy.png").count == 2)
  }

  @Test(arguments: [(404, SwaplineError.Code.notFound), (410, .notFound), (403, .network)])
  func doesNotTryAgainWhatWillNotPass(status: Int, code: SwaplineError.Code) async throws {
    let world = try Line()
    let url = world.server.give("scene.png", Self.bytes, [.status(status)])
    let error = try await run(world, url + "?signature=secret").error()
    #expect(world.server.requests("scene.png?signature=secret").count == 1)
    let plain = try await run(world, url).error()
    #expect(plain.code == code)
    #expect(plain.message.contains("\(status)"))
    #expect(world.server.requests("scene.png").count == 1)
    #expect(!"\(error)".contains("secret"))
  }

  @Test func addressesOfThisMachineAreForbiddenUnlessAllowed() async throws {
    let world = try Line()
    let url = world.server.give("scene.png", Self.bytes)
    let error = try await run(world, url, Self.line(addresses: .public)).error()
    #expect(error.code == .forbiddenAddress)
    #expect(error.hint?.contains("loopback") == true)
    #expect(world.server.requests("scene.png").isEmpty)
  }

  @Test(arguments: [
    ("", SwaplineError.Code.usage, "empty"), ("/", .usage, "a folder"),
    ("/nothing/here.png", .notFound, "/nothing/here.png"), ("/dev/null", .usage, "not a file"),
    ("ftp://example.test/a.png", .usage, "ftp"),
  ])
  func saysWhatIsWrongWithAReference(
    reference: String, code: SwaplineError.Code, says: String
  ) async throws {
    let world = try Line()
    let error = try await run(world, reference).error()
    #expect(error.code == code)
    #expect(error.description.contains(says))
    #expect(error.item == "one")
    #expect(error.place?.isEmpty == false)
  }

  @Test func aPageIsNoPicture() async throws {
    let world = try Line()
    let url = world.server.give("scene.png", Array("<html>not found</html>".utf8))
    #expect(try await run(world, url).error().code == .damaged)
    #expect(FileSystem.names(in: "\(world.out)/.swapline/files").isEmpty)
    #expect(FileSystem.names(in: "\(world.out)/.swapline/tmp").isEmpty)
  }
}
