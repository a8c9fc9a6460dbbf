import Curl
import MicroHTTPD
import Synchronization
import Testing

@Suite struct RedirectTests {
  let client = HTTPClient()

  private func server(_ routes: [String: (Int, String)]) throws -> HTTPServer {
    try HTTPServer { request in
      guard let (status, location) = routes[request.path] else {
        return .text(
          200,
          request.method + " " + (request.headers["x-api-key"] ?? "-") + " "
            + (request.headers["Accept"] ?? "-") + " "
            + String(decoding: request.body.bytes ?? [], as: UTF8.self))
      }
      return ServerResponse(status, headers: ["Location": location])
    }
  }

  @Test func areAnswersUnlessAllowed() async throws {
    let server = try server(["/": (302, "/end")])
    let response = try await client.send(local("GET", server.origin))
    #expect(response.status == 302)
    #expect(response.headers["location"] == "/end")
    await server.stop()
  }

  @Test(arguments: [
    (301, "GET", "GET"), (302, "GET", "GET"), (303, "GET", "GET"), (307, "GET", "GET"),
    (308, "GET", "GET"), (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"),
    (307, "POST", "POST"), (308, "POST", "POST"), (302, "PUT", "PUT"), (303, "PUT", "GET"),
  ]) func methods(_ status: Int, _ method: String, _ expected: String) async throws {
    let server = try server(["/": (status, "end?x=1")])
    let body = method == "GET" ? HTTPRequest.Body.none : .bytes(Array("body".utf8))
    let response = try await client.send(
      local(method, server.origin, headers: ["x-api-key": "k"], body: body, redirects: 1))
    #expect(response.text == "\(expected) k */* \(expected == "GET" ? "" : "body")")
    #expect(response.url == server.origin + "/end?x=1")
    await server.stop()
  }

  @Test func keysStayAtHome() async throws {
    let other = try server([:])
    let server = try server(["/": (302, other.origin + "/end")])
    let response = try await client.send(
      local(
        "GET", server.origin,
        headers: ["X-API-Key": "k", "Authorization": "Bearer k", "Accept": "image/png"],
        redirects: 3))
    #expect(response.text == "GET - image/png ")
    await server.stop()
    await other.stop()
  }

  @Test func bodiesStayAtHome() async throws {
    let other = try server([:])
    let server = try server(["/": (307, other.origin + "/end")])
    let error = await failure {
      _ = try await client.send(
        local("POST", server.origin, body: .bytes([1]), redirects: 3))
    }
    #expect(error?.kind == .forbiddenRedirect)
    #expect(error?.requestSent == true)
    await server.stop()
    await other.stop()
  }

  @Test(arguments: [(1, false), (5, false), (1, true), (5, true)])
  func loops(_ maximum: Int, _ isCircle: Bool) async throws {
    let count = Mutex(0)
    let server = try HTTPServer { _ in
      let number = count.withLock { count in
        count += 1
        return count
      }
      return ServerResponse(302, headers: ["Location": isCircle ? "/" : "/again\(number)"])
    }
    let error = await failure {
      _ = try await client.send(local("GET", server.origin, redirects: maximum))
    }
    #expect(error?.kind == (isCircle ? .redirectLoop : .tooManyRedirects))
    #expect(count.withLock { $0 } == maximum + 1)
    await server.stop()
  }

  @Test(arguments: [
    ("http://10.0.0.1/", CurlError.Kind.forbiddenAddress),
    ("http://169.254.169.254/latest/", .forbiddenAddress),
    ("http://[::ffff:127.0.0.1]/", .forbiddenAddress), ("http://0x0a000001/", .forbiddenAddress),
    ("file:///etc/passwd", .forbiddenRedirect), ("ftp://a.b/", .forbiddenRedirect),
    ("http://u:p@127.0.0.1/", .forbiddenRedirect),
  ]) func toForbiddenPlaces(_ location: String, _ kind: CurlError.Kind) async throws {
    let server = try server(["/": (302, location)])
    let error = await failure {
      _ = try await client.send(local("GET", server.origin, redirects: 3))
    }
    #expect(error?.kind == kind)
    #expect(error?.requestSent == true)
    await server.stop()
  }
}
