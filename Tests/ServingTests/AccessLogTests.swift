import Core
import Curl
import FoundationEssentials
import Glibc
import MicroHTTPD
import Serving
import TestSupport
import Testing

@testable import Serving

@Suite struct AccessLogTests {
  @Test(
    arguments: [
      ("/files/a.png?expires=1&signature=secret", "GET", 200, true, "GET /files/a.png 200 0.002"),
      ("/a%0Ab", nil, nil, false, "- /a%0Ab - 0.002 cut off"),
      ("/\u{1B}[31m ü", "GET", 404, true, "GET /?[31m?? 404 0.002"),
      (
        "/" + String(repeating: "a", count: 999), "GET", 404, true,
        "GET /" + String(repeating: "a", count: 299) + " 404 0.002"
      ),
    ] as [(String, String?, Int?, Bool, String)])
  func lines(
    _ target: String, _ method: String?, _ status: Int?, _ isWhole: Bool, _ line: String
  ) {
    let request = AnsweredRequest(
      client: nil, method: method, target: target, status: status, isAdmitted: true,
      isWhole: isWhole, time: .microseconds(2_400))
    let time = Date(timeIntervalSince1970: 1_767_225_600)
    #expect(AccessLog.line(request, at: time) == "2026-01-01T00:00:00Z - \(line)\n")
  }

  @Test func everyRequestHasOneLineAndNoSecret() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/access.log"
    let log = try AccessLog(path: path)
    let bench = try await Bench { $0.accessLog = log }
    let task = try await bench.end(of: try await bench.submit())
    let url = try #require(task["result"]?["media_urls"]?.array?.first?.string)
    _ = try await bench.http.send(HTTPRequest("GET", url, addressPolicy: .any))
    _ = try await bench.http.send(
      HTTPRequest("GET", bench.server.origin + "/none?key=\(Bench.key)", addressPolicy: .any))
    let raw = RawSocket(port: bench.server.port)
    raw.send("GET /bad HTTP/1.1\r\n\r\n")
    #expect(await raw.answer().hasPrefix("HTTP/1.1 400 "))
    await bench.server.stop()
    await log.close()
    let text = String(decoding: try #require(SmallFile.read(path, limit: 1 << 20)), as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines.count { $0.contains(" POST /api/v1/client/job/CreateTask 200 ") } == 1)
    #expect(lines.count { $0.contains(" GET /files/") && $0.contains(" 200 ") } == 1)
    #expect(lines.count { $0.contains(" 127.0.0.1 GET /none 404 ") } == 1)
    #expect(lines.count { $0.contains(" GET /bad 400 ") } == 1)
    #expect(!text.contains(Bench.key) && !text.contains("signature") && !text.contains("?"))
    var facts = stat()
    #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
  }
}
