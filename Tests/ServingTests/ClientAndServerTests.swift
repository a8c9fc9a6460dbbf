import Core
import Curl
import Hosting
import Providers
import Serving
import Testing

/// The client against the server: the same wire types from both ends.
@Suite struct ClientAndServerTests {
  func client(_ bench: Bench, key: String = Bench.key) throws -> CRUNClient {
    let made = try ProviderDescriptor.crun.make(
      ProviderSettings(
        name: "crun", values: ["base_url": bench.server.origin],
        environment: ["CRUN_API_KEY": key], client: bench.http))
    return try #require(made as? CRUNClient)
  }

  let waiter = Waiter(
    minimumDelay: TimeSpan(milliseconds: 5), maximumDelay: TimeSpan(milliseconds: 20),
    deadline: .seconds(20))

  func swap(_ bench: Bench, scene: String = "scene.png") -> SwapSubmission {
    SwapSubmission(sceneURL: bench.outside.url(scene), faceURL: bench.outside.url("face.png"))
  }

  @Test func submitWaitFetch() async throws {
    let bench = try await Bench(keys: "\(Bench.key) 3") {
      $0.delay = TimeSpan(milliseconds: 30)
    }
    let client = try client(bench)
    #expect(try await client.balance() == 3)
    #expect(try await client.estimate(swap(bench))?.credits == 1)
    guard case .accepted(let id) = await client.submit(swap(bench)) else {
      Issue.record("the task was wanted")
      return
    }
    guard case .succeeded(let result) = try await waiter.wait(for: id, with: client) else {
      Issue.record("a result was wanted")
      return
    }
    #expect(result.credits == 1)
    #expect(result.seconds ?? 0 >= 0.03)
    let file = try await bench.http.send(
      HTTPRequest("GET", try #require(result.urls.first), addressPolicy: .any))
    #expect(file.body == picture(640, 480) + picture(64, 64))
    #expect(try await client.balance() == 2)
  }

  @Test func aFailureReachesTheClientInWords() async throws {
    let bench = try await Bench()
    let client = try client(bench)
    guard case .accepted(let id) = await client.submit(swap(bench, scene: "page.png")),
      case .failed(let error, let credits) = try await waiter.wait(for: id, with: client)
    else {
      Issue.record("a failure was wanted")
      return
    }
    #expect(error.code == .refusedByProvider)
    #expect(error.message.contains("input.image_url is not an image"))
    #expect(credits == 0)
  }

  @Test func everyRefusalIsCertain() async throws {
    let poor = try await Bench(keys: "\(Bench.key) 0.5")
    guard case .refused(let credits) = try await client(poor).submit(swap(poor)),
      case .refused(let key) = try await client(poor, key: "ak_wrong").submit(swap(poor))
    else {
      Issue.record("refusals were wanted")
      return
    }
    #expect(credits.code == .insufficientCredits)
    #expect(credits.message.contains("costs 1 credits, and the account has 0.5 left"))
    #expect(key.code == .unauthorized)
    let closed = try await Bench { $0.isInMaintenance = true }
    guard case .busy(let maintenance, _) = try await client(closed).submit(swap(closed)) else {
      Issue.record("maintenance was wanted")
      return
    }
    #expect(maintenance.code == .unavailable)
    let limited = try await Bench { $0.requestsPerMinute = 1 }
    _ = try await client(limited).submit(swap(limited))
    guard case .busy(let rate, let after) = try await client(limited).submit(swap(limited)) else {
      Issue.record("a wish for patience was wanted")
      return
    }
    #expect(rate.code == .rateLimited)
    #expect(after ?? .seconds(0) > .seconds(50))
    let without = try await Bench { $0.disabledModels = ["image-face-swap"] }
    guard case .refused(let disabled) = try await client(without).submit(swap(without)) else {
      Issue.record("a refusal was wanted")
      return
    }
    #expect(disabled.code == .unsupported)
  }

  @Test func sixtyFourAtOnceSpendNoMoreThanThereIs() async throws {
    let bench = try await Bench(keys: "\(Bench.key) 10")
    let client = try client(bench)
    let taken = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<64 {
        group.addTask {
          if case .accepted = await client.submit(swap(bench)) { return true }
          return false
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(taken == 10)
    #expect(try await client.balance() == 0)
    for _ in 0..<2_000 where try await bench.server.store.billable() < 10 {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(try await bench.server.store.billable() == 10)
    #expect(try await client.balance() == 0)
  }

  @Test func filesGoUpThroughTheProvidersOwnAddresses() async throws {
    let bench = try await Bench()
    let file = HostedFile(path: "/x", format: .png, size: 1, digest: Digest(of: "x"))
    let slot = try #require(try await client(bench).uploads?.slot(for: file))
    let put = try await bench.http.send(
      HTTPRequest(
        "PUT", slot.uploadURL, headers: ["Content-Type": "image/png"],
        body: .bytes(picture(5, 5)), addressPolicy: .any))
    #expect(put.status == 200)
    let get = try await bench.http.send(
      HTTPRequest("GET", slot.fileURL, addressPolicy: .any))
    #expect(get.body == picture(5, 5))
  }
}
