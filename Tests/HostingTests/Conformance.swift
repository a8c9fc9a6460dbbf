import Core
import Curl
import Hosting
import Testing

/// What every host must do. `prepare` makes of a file what the host is to get, where it asks for more;
/// `headStatus` is what its addresses answer to HEAD.
func checkConformance(
  _ host: any Host, prepare: @escaping @Sendable (HostedFile) -> HostedFile = { $0 },
  headStatus: Int = 200
) async throws {
  let client = HTTPClient()
  func fetch(_ url: String, _ method: String = "GET") async throws -> HTTPResponse {
    try await client.send(HTTPRequest(method, url, addressPolicy: .publicAndLoopback))
  }

  let sample = Sample()
  let started = Clock.epoch()
  let address = try await host.publish(prepare(sample.file(lifetime: .minutes(2))))
  let parts = try WebAddress(address.url)
  #expect(parts.path.hasSuffix(".png"), "providers want an extension")
  if let expires = address.expires {
    #expect(expires >= started + 120, "the lifetime wanted is kept")
  }

  let response = try await fetch(address.url)
  #expect(response.status == 200)
  #expect(response.body == sample.bytes)
  #expect(response.headers["Content-Type"] == "image/png")
  #expect(response.headers.contentLength == Int64(sample.bytes.count))
  let head = try await fetch(address.url, "HEAD")
  #expect(head.status == headStatus)
  if head.status == 200 { #expect(head.headers.contentLength == Int64(sample.bytes.count)) }

  let again = try await host.publish(prepare(sample.file()))
  #expect(try await fetch(again.url).body == sample.bytes)
  #expect(try await fetch(address.url).status == 200, "the first address still works")

  let others = (1...8).map { Sample($0) }
  try await withThrowingTaskGroup(of: Void.self) { group in
    for other in others {
      group.addTask {
        let address = try await host.publish(prepare(other.file()))
        #expect(try await fetch(address.url).body == other.bytes)
      }
    }
    try await group.waitForAll()
  }

  var missing = prepare(sample.file())
  missing.path += "-missing"
  await #expect("a missing file is said so") {
    try await host.publish(missing)
  } throws: {
    ($0 as? SwaplineError)?.code == .notFound
  }
  var changed = prepare(sample.file())
  changed.size += 1
  await #expect("a changed file is said so") {
    try await host.publish(changed)
  } throws: {
    ($0 as? SwaplineError)?.code == .damaged
  }
}
