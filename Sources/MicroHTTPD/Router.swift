/// Finds the handler for a method and a path.
///
/// A pattern is a path whose parts may be names in braces: `/files/{name}` matches one part
/// whatever it is, and gives it decoded as a parameter. A part that is written out wins over a
/// name. HEAD goes to the handler for GET. An unknown path is a 404, a known one with another
/// method a 405 with `Allow`.
package struct Router: Sendable {
  private struct Route: Sendable {
    let method: String
    let parts: [Part]
    let bodyLimit: Int64
    let check: Check?
    let handler: HTTPServer.Handler
    let immediate: HTTPServer.ImmediateHandler?
  }

  private enum Part: Sendable, Equatable {
    case exactly(String)
    case named(String)
  }

  /// What is said where no route fits; `status` is 404 or 405.
  package typealias Fallback = @Sendable (_ status: Int, _ request: RequestHead) -> ServerResponse

  /// What refuses a request by its head, before its body is read; nil lets it in.
  package typealias Check = @Sendable (ServerRequest) -> ServerResponse?

  private var routes: [Route] = []
  private let fallback: Fallback

  /// A router without routes.
  package init(fallback: @escaping Fallback = Router.plainFallback) {
    self.fallback = fallback
  }

  /// The answer of routers that are given none: a line of text.
  package static let plainFallback: Fallback = { status, head in
    .text(
      status,
      status == 404 ? "There is nothing here.\n" : "\(head.method) is not allowed here.\n")
  }

  /// Adds a route whose requests have at most `bodyLimit` bytes of body, which are read unless
  /// `check` refuses them. It runs on the server's own thread, where nothing may wait.
  package mutating func on(
    _ method: String, _ pattern: String, bodyLimit: Int64 = 0, check: Check? = nil,
    _ handler: @escaping HTTPServer.Handler
  ) {
    routes.append(
      Route(
        method: method, parts: Self.parts(pattern), bodyLimit: bodyLimit, check: check,
        handler: handler, immediate: nil))
  }

  /// Adds a route for GET that is answered on the server's own thread, without a task: for what
  /// neither waits nor computes, such as files.
  package mutating func onImmediate(
    _ pattern: String, _ answer: @escaping @Sendable (ServerRequest) -> ServerResponse
  ) {
    routes.append(
      Route(
        method: "GET", parts: Self.parts(pattern), bodyLimit: 0, check: nil,
        handler: { answer($0) },
        immediate: answer))
  }

  private static func parts(_ pattern: String) -> [Part] {
    split(pattern).map { part -> Part in
      part.hasPrefix("{") && part.hasSuffix("}")
        ? .named(String(part.dropFirst().dropLast())) : .exactly(String(part))
    }
  }

  /// The answer of a route that gives it at once; nil for every other.
  package func immediate(to request: ServerRequest) -> ServerResponse? {
    let (route, parameters) = find(request.head)
    guard let immediate = route?.immediate else { return nil }
    var request = request
    request.parameters = parameters
    return immediate(request)
  }

  /// Answers a request.
  package func respond(to request: ServerRequest) async -> ServerResponse {
    let (route, parameters) = find(request.head)
    if let route {
      var request = request
      request.parameters = parameters
      return await route.handler(request)
    }
    let allowed = allowed(request.head)
    guard !allowed.isEmpty else { return fallback(404, request.head) }
    var answer = fallback(405, request.head)
    answer.headers["Allow"] = allowed.joined(separator: ", ")
    return answer
  }

  /// Whether a request's body is read. Where no route fits, a short one is let in: that there is
  /// none says more than that the body is too long for it.
  package func admission(of head: RequestHead) -> BodyAdmission {
    let (route, parameters) = find(head)
    guard let route else { return .accept(limit: 65_536) }
    if let check = route.check {
      var request = ServerRequest(head)
      request.parameters = parameters
      if let refusal = check(request) { return .refuse(refusal) }
    }
    return .accept(limit: route.bodyLimit)
  }

  private func find(_ head: RequestHead) -> (route: Route?, parameters: [String: String]) {
    let wanted = head.method == "HEAD" ? "GET" : head.method
    let path = Self.split(head.path).map { PercentCoding.decode($0) }
    var best: (route: Route, parameters: [String: String])?
    for route in routes where route.method == wanted && route.parts.count == path.count {
      guard let parameters = Self.match(route.parts, path) else { continue }
      if parameters.count < best?.parameters.count ?? .max { best = (route, parameters) }
    }
    return (best?.route, best?.parameters ?? [:])
  }

  /// The methods that a path is known for.
  private func allowed(_ head: RequestHead) -> [String] {
    let path = Self.split(head.path).map { PercentCoding.decode($0) }
    let known = routes.filter { Self.match($0.parts, path) != nil }.map(\.method)
    return Set(known + (known.contains("GET") ? ["HEAD"] : [])).sorted()
  }

  private static func split(_ path: String) -> [Substring] {
    path.utf8.dropFirst().split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
    ).map { Substring($0) }
  }

  private static func match(_ parts: [Part], _ path: [String?]) -> [String: String]? {
    guard parts.count == path.count else { return nil }
    var parameters: [String: String] = [:]
    for (part, found) in zip(parts, path) {
      guard let found else { return nil }
      switch part {
      case .exactly(let text):
        guard text == found else { return nil }
      case .named(let name):
        guard !found.isEmpty else { return nil }
        parameters[name] = found
      }
    }
    return parameters
  }
}

extension HTTPServer {
  /// Starts a server that answers by `router`.
  package convenience init(
    _ configuration: Configuration = Configuration(), router: Router
  ) throws(ServerError) {
    try self.init(
      configuration, admission: router.admission, immediate: router.immediate,
      handler: router.respond)
  }
}
