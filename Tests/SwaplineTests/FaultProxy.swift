import Core
import Curl
import MicroHTTPD
import Providers
import Serving
import Swapline
import Synchronization

/// A real server of the wire formats behind a proxy that breaks what it is told to break.
final class FaultProxy: Sendable {
  /// What is asked for.
  enum Place: Sendable, Hashable { case submission, query, file, callback }

  /// What becomes of one request.
  enum Fault: Sendable {
    /// The server never sees it.
    case instead(Int, String, HTTPHeaders = [:])
    /// The server does what it is asked, and its answer is lost: this one comes.
    case after(Int, String)
    /// It is sent to itself: the next request there meets no fault.
    case redirected
    /// The request is passed on so often.
    case times(Int)
    /// It is passed on so much later.
    case late(Duration)
    /// Somebody else gets it, with the end of the address that it was meant for, and says the status.
    case handed(@Sendable (_ token: String, _ body: [UInt8]) async -> Int)
  }

  private struct State {
    var faults: [Place: [Fault]] = [:]
    var callbackURL: String?
  }

  private final class Routes: Sendable {
    let state = Mutex(State())
    let client = HTTPClient()
    let origin = Mutex("")
    let target: String

    init(target: String) { self.target = target }
  }

  let server: WireServer
  private let folder: String
  private let routes: Routes
  private let http: HTTPServer

  /// A server with `media` as its engine, which begins each task so much later; `configure` sets the rest.
  init(
    _ folder: String, media: any MediaService, delay: TimeSpan = TimeSpan(milliseconds: 0),
    _ configure: (inout ServerConfiguration) -> Void = { _ in }
  ) async throws {
    self.folder = folder
    var configuration = ServerConfiguration(folder: folder + "/vendor")
    try FileSystem.makeFolder(configuration.folder)
    configuration.allowsLoopback = true
    configuration.callbackDelays = []
    configuration.delay = delay
    configure(&configuration)
    server = try await WireServer(
      configuration, facades: ProviderDescriptor.facades, media: media)
    let routes = Routes(target: server.origin)
    self.routes = routes
    http = try HTTPServer(bodyLimit: { _ in 1_000_000 }) { await Self.answer($0, routes) }
    routes.origin.withLock { [http] in $0 = http.origin }
  }

  /// The address to use as a provider's.
  var url: String { http.origin }

  /// Lets the next requests for `place` meet these faults, one each.
  func fail(_ place: Place, _ faults: [Fault]) {
    routes.state.withLock { $0.faults[place] = faults }
  }

  func stop() async {
    await http.stop()
    await server.stop()
  }

  private static func place(_ request: ServerRequest) -> Place {
    if request.path.hasPrefix("/files/") { return .file }
    if request.path == "/told" { return .callback }
    return request.method == "POST" ? .submission : .query
  }

  private static func answer(_ request: ServerRequest, _ routes: Routes) async -> ServerResponse {
    let place = place(request)
    let fault = routes.state.withLock { state -> Fault? in
      guard var faults = state.faults[place], !faults.isEmpty else { return nil }
      defer { state.faults[place] = faults }
      return faults.removeFirst()
    }
    switch fault {
    case .instead(let status, let body, let headers):
      return made(status, body, headers)
    case .after(let status, let body):
      _ = await passed(request, routes)
      return made(status, body, [:])
    case .redirected: return made(302, "", ["Location": request.head.target])
    case .times(let count):
      var answer = ServerResponse(200)
      for _ in 0..<count { answer = await passed(request, routes) }
      return answer
    case .late(let pause):
      try? await Task.sleep(for: pause)
      return await passed(request, routes)
    case .handed(let take):
      let url = routes.state.withLock(\.callbackURL) ?? ""
      let token = url.split(separator: "/").last.map(String.init) ?? ""
      return ServerResponse(await take(token, request.body.read(limit: 65_536) ?? []))
    case nil: return await passed(request, routes)
    }
  }

  private static func made(_ status: Int, _ body: String, _ headers: HTTPHeaders) -> ServerResponse
  {
    var answer = ServerResponse(status, headers: headers, body: .bytes(Array(body.utf8)))
    if answer.headers["Content-Type"] == nil { answer.headers["Content-Type"] = "application/json" }
    return answer
  }

  /// Hands a request on, with callbacks and results made to come through here.
  private static func passed(_ request: ServerRequest, _ routes: Routes) async -> ServerResponse {
    let origin = routes.origin.withLock { $0 }
    var bytes = request.body.bytes ?? []
    var url = routes.target + request.head.target
    if place(request) == .callback {
      url = routes.state.withLock { $0.callbackURL } ?? url
    } else if let json = try? JSONValue(parsing: bytes), case .object(var fields) = json,
      let callback = fields["callback_url"]?.string
    {
      routes.state.withLock { $0.callbackURL = callback }
      fields["callback_url"] = .string(origin + "/told")
      bytes = (try? JSONText.bytes(JSONValue.object(fields))) ?? bytes
    }
    var headers: HTTPHeaders = [:]
    for name in ["Content-Type"] + ProviderDescriptor.facades.map(\.key.header) {
      headers[name] = request.headers[name]
    }
    do {
      let response = try await routes.client.send(
        HTTPRequest(
          request.method, url, headers: headers,
          body: bytes.isEmpty ? .none : .bytes(bytes), addressPolicy: .any))
      let isText = response.headers["Content-Type"]?.hasPrefix("application/json") == true
      let body =
        isText
        ? Array(
          String(decoding: response.body, as: UTF8.self)
            .replacing(routes.target + "/files", with: origin + "/files").utf8)
        : response.body
      return ServerResponse(
        response.status,
        headers: ["Content-Type": response.headers["Content-Type"] ?? "text/plain"],
        body: .bytes(body))
    } catch {
      return .text(502, "\(error)")
    }
  }
}
