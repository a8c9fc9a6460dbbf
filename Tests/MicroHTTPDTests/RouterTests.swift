import MicroHTTPD
import Testing

@Suite struct RouterTests {
  private var router: Router {
    var router = Router()
    router.on("GET", "/files/{name}") { .text(200, "file " + ($0.parameters["name"] ?? "")) }
    router.on("GET", "/files/list") { _ in .text(200, "list") }
    router.on("PUT", "/files/{name}", bodyLimit: 5) { _ in .text(201, "put") }
    router.on("POST", "/api/{version}/job/{id}", bodyLimit: 7) {
      .text(200, "\($0.parameters["version"] ?? "") \($0.parameters["id"] ?? "")")
    }
    router.on("GET", "/") { _ in .text(200, "root") }
    return router
  }

  @Test(arguments: [
    ("GET", "/files/a.png", 200, "file a.png"), ("HEAD", "/files/a", 200, "file a"),
    ("GET", "/files/list", 200, "list"), ("GET", "/files/a%2Fb%20c?x=1", 200, "file a/b c"),
    ("PUT", "/files/list", 201, "put"), ("POST", "/api/v1/job/9", 200, "v1 9"),
    ("GET", "/", 200, "root"), ("GET", "/files", 404, "There is nothing here.\n"),
    ("GET", "/files/", 404, "There is nothing here.\n"),
    ("GET", "/files/a/b", 404, "There is nothing here.\n"),
    ("GET", "/files/%zz", 404, "There is nothing here.\n"),
    ("GET", "/files/%00", 404, "There is nothing here.\n"),
    ("GET", "/FILES/a", 404, "There is nothing here.\n"),
    ("DELETE", "/files/a", 405, "DELETE is not allowed here.\n"),
  ]) func finds(_ method: String, _ target: String, _ status: Int, _ text: String) async {
    let answer = await router.respond(
      to: ServerRequest(RequestHead(method: method, target: target)))
    #expect(answer.status == status)
    #expect(answer.body == .bytes(Array(text.utf8)))
    #expect(answer.headers["Allow"] == (status == 405 ? "GET, HEAD, PUT" : nil))
  }

  @Test(
    arguments: [
      ("PUT", "/files/a", 5), ("POST", "/api/v1/job/9", 7), ("GET", "/files/a", 0),
      ("POST", "/elsewhere", 65_536),
    ] as [(String, String, Int64)])
  func limits(_ method: String, _ target: String, _ limit: Int64) {
    guard case .accept(limit) = router.admission(of: RequestHead(method: method, target: target))
    else {
      Issue.record("another limit")
      return
    }
  }

  @Test func checksComeBeforeTheBody() {
    var router = Router()
    router.on("PUT", "/files/{name}", bodyLimit: 5) { request in
      request.parameters["name"] == "mine" ? nil : .text(403, "")
    } _: { _ in
      .text(200, "")
    }
    let admissions = ["mine", "yours"].map {
      router.admission(of: RequestHead(method: "PUT", target: "/files/\($0)"))
    }
    guard case .accept(5) = admissions[0], case .refuse(let refusal) = admissions[1] else {
      Issue.record("\(admissions)")
      return
    }
    #expect(refusal.status == 403)
  }

  @Test func fallback() async {
    let router = Router { status, head in .text(status, "no \(head.path)") }
    let answer = await router.respond(to: ServerRequest(RequestHead(method: "GET", target: "/x")))
    #expect(answer.status == 404)
    #expect(answer.body == .bytes(Array("no /x".utf8)))
  }
}
