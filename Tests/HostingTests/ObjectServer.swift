import Core
import Curl
import MicroHTTPD
import Synchronization

/// A server on loopback that keeps what is put below `/b/swapline/` (a bucket `b`), `/dav/in/` (a folder
/// that must be made first) and gives it out again, with other answers on demand.
final class ObjectServer: Sendable {
  struct Object: Sendable {
    var bytes: [UInt8]
    var headers: HTTPHeaders
  }

  private struct State {
    var objects: [String: Object] = [:]
    var folders: Set<String> = []
    var requests: [(line: String, headers: HTTPHeaders, body: [UInt8])] = []
    var answers: [ServerResponse]
  }

  private final class Content: Sendable {
    let state: Mutex<State>
    init(_ answers: [ServerResponse]) { state = Mutex(State(answers: answers)) }

    func answer(_ request: ServerRequest) -> ServerResponse {
      let body = request.body.read(limit: 10_000_000) ?? []
      return state.withLock { state in
        state.requests.append(("\(request.method) \(request.path)", request.headers, body))
        if request.method != "GET", request.method != "HEAD", !state.answers.isEmpty {
          return state.answers.removeFirst()
        }
        return Self.answer(request, body, &state)
      }
    }

    private static func answer(
      _ request: ServerRequest, _ body: [UInt8], _ state: inout State
    ) -> ServerResponse {
      let path = request.path
      switch request.method {
      case "PUT":
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        guard !path.hasPrefix("/dav/") || state.folders.contains(folder) else {
          return .text(409, "")
        }
        state.objects[path] = Object(bytes: body, headers: request.headers)
        return .text(201, "")
      case "MKCOL":
        let isNew = state.folders.insert(path.split(separator: "/").joined(separator: "/")).inserted
        return .text(isNew ? 201 : 405, "")
      case "DELETE":
        return .text(state.objects.removeValue(forKey: path) == nil ? 404 : 204, "")
      case "POST":
        let text = String(decoding: body, as: UTF8.self)
        for part in text.split(separator: "<Key>").dropFirst() {
          state.objects["/b/" + part.prefix { $0 != "<" }] = nil
        }
        return .text(200, "<DeleteResult></DeleteResult>")
      default:
        // A signed address is one for GET, and its signature another for HEAD.
        if request.method == "HEAD", request.query["X-Amz-Signature"] != nil {
          return .text(403, "")
        }
        guard let object = state.objects[path] else { return .text(404, "") }
        return ServerResponse(
          200, headers: ["Content-Type": object.headers["Content-Type"] ?? ""],
          body: .bytes(object.bytes))
      }
    }
  }

  let server: HTTPServer
  private let content: Content

  /// A server that answers what changes something with these first.
  init(_ answers: [ServerResponse] = []) throws {
    let content = Content(answers)
    self.content = content
    var router = Router()
    for pattern in ["/b/swapline/{name}", "/dav/in/{name}"] {
      for method in ["GET", "PUT", "DELETE"] {
        router.on(method, pattern, bodyLimit: 10_000_000) { content.answer($0) }
      }
    }
    for pattern in ["/dav", "/dav/in", "/dav/", "/dav/in/"] {
      router.on("MKCOL", pattern) { content.answer($0) }
    }
    router.on("POST", "/b", bodyLimit: 10_000_000) { content.answer($0) }
    server = try HTTPServer(router: router)
  }

  var origin: String { server.origin }
  var objects: [String: Object] { content.state.withLock { $0.objects } }
  var requests: [(line: String, headers: HTTPHeaders, body: [UInt8])] {
    content.state.withLock { $0.requests }
  }

  /// Gives `bytes` out at an address that ends with `name`.
  func give(_ name: String, _ bytes: [UInt8], type: String) -> String {
    let path = "/b/swapline/\(name)"
    content.state.withLock {
      $0.objects[path] = Object(bytes: bytes, headers: ["Content-Type": type])
    }
    return origin + path
  }
}
