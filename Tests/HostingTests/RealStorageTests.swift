import Core
import Curl
import FoundationEssentials
import Glibc
import MicroHTTPD
import TestSupport
import Testing

@testable import Hosting

/// Ports that were free a moment ago.
private func freePorts(_ count: Int) async throws -> [Int] {
  let servers = try (0..<count).map { _ in try HTTPServer(router: Router()) }
  let ports = servers.map(\.port)
  for server in servers { await server.stop() }
  return ports
}

/// Waits until a server on loopback answers at `url`.
private func wait(for url: String, _ client: HTTPClient) async throws {
  let deadline = ContinuousClock.now + .seconds(60)
  while ContinuousClock.now < deadline {
    let request = HTTPRequest("GET", url, timeout: .seconds(5), addressPolicy: .any)
    if let response = try? await client.send(request), response.status < 500 { return }
    try await Task.sleep(for: .milliseconds(50))
  }
  try #require(Bool(false), "nothing answers at \(url)")
}

@Suite(
  .serialized, .enabled(if: Tool.absence("nginx") == nil, "\(Tool.absence("nginx") ?? "")"))
struct NginxTests {
  @Test func aWebDAVServerThatIsNotOursAgrees() async throws {
    let client = HTTPClient()
    let port = try await freePorts(1)[0]
    let root = TestFolder.unique("nginx")
    for folder in ["data", "tmp"] {
      try FileManager.default.createDirectory(
        atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
    }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(root)/tmp;" }.joined(separator: " ")
    // As root, workers would be somebody else, who may not write there.
    let user = getuid() == 0 ? "user root;" : ""
    let text = """
      daemon off; \(user) worker_processes 1; pid \(root)/pid; error_log stderr;
      events { worker_connections 64; }
      http {
        access_log off; \(temporary) types { image/png png; }
        server {
          listen 127.0.0.1:\(port); root \(root)/data;
          location / {
            dav_methods PUT DELETE MKCOL;
            limit_except GET { auth_basic shelf; auth_basic_user_file \(root)/users; }
          }
        }
      }
      """
    try text.write(toFile: root + "/conf", atomically: true, encoding: .utf8)
    try "ada:{PLAIN}pw\n".write(toFile: root + "/users", atomically: true, encoding: .utf8)
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"]
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    let nginx = try Started(program ?? "nginx", ["-p", root, "-c", root + "/conf"])
    try await wait(for: "http://127.0.0.1:\(port)/", client)
    func made(_ password: String) throws -> any Host {
      try HostDescriptor.webDAV.make(
        HostSettings(
          name: "shelf", values: ["url": "http://127.0.0.1:\(port)/a/b", "user": "ada"],
          environment: ["WEBDAV_PASSWORD": password], client: client))
    }
    let host = try made("pw")
    try await checkConformance(host)
    #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/data/a/b").count == 9)
    try await host.stop()
    #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/data/a/b").isEmpty)
    let sample = Sample()
    let wrong = try made("guessed")
    let error = await #expect(throws: SwaplineError.self) {
      try await wrong.publish(sample.file())
    }
    #expect(error?.code == .unauthorized)
    nginx.signal(SIGTERM)
    _ = await nginx.wait()
    client.shutdown()
  }
}
