/// Finds the handler for a method and a path.
///
/// A pattern is a path whose parts may be names in braces: `/files/{name}` matches one part
/// whatever it is, and gives it decoded as a parameter. A part that is written out wins over a
/// name. HEAD goes to the handler for GET. An unknown path is a 404, a known one with another
/// method a 405 with `Allow`.
public struct Router: Sendable {
  private struct Route: Sendable {
    let method: String
    let parts: [Part]
    let bodyLimit: Int64
    let handler: HTTPServer.Handler
  }

  private enum Part: Sendable, Equatable {
    case exactly(String)
    case named(String)
  }

  /// What is said where no route fits; `status` is 404 or 405.
  public typealias Fallback = @Sendable (_ status: Int, _ request: RequestHead) -> ServerResponse

  private var routes: [Route] = []
  private let fallback: Fallback

  /// A router without routes.
  public init(fallback: @escaping Fallback = Router.plainFallback) {
    self.fallback = fallback
  }

  /// The answer of routers that are given none: a line of text.
  public static let plainFallback: Fallback = { status, head in
    .text(
      status,
      status == 404 ? "There is nothing here.\n" : "\(head.method) is not possible here.\n")
  }

  /// Adds a route whose requests have at most `bodyLimit` bytes of body.
  public mutating func on(
    _ method: String, _ pattern: String, bodyLimit: Int64 = 0,
    _ handler: @escaping HTTPServer.Handler
  ) {
    let parts = Self.split(pattern).map { part -> Part in
      part.hasPrefix("{") && part.hasSuffix("}")
        ? .named(String(part.dropFirst().dropLast())) : .exactly(String(part))
    }
    routes.append(Route(method: method, parts: parts, bodyLimit: bodyLimit, handler: handler))
  }

  /// Answers a request.
  public func respond(to request: ServerRequest) async -> ServerResponse {
    let (route, parameters, allowed) = find(request.head)
    if let route {
      var request = request
      request.parameters = parameters
      return await route.handler(request)
    }
    guard !allowed.isEmpty else { return fallback(404, request.head) }
    var answer = fallback(405, request.head)
    answer.headers["Allow"] = allowed.joined(separator: ", ")
    return answer
  }

  /// How many bytes of body a request may have. Where no route fits, a short one is let in: that
  /// there is none says more than that the body is too long for it.
  public func bodyLimit(for head: RequestHead) -> Int64 {
    find(head).route?.bodyLimit ?? 65_536
  }

  private func find(
    _ head: RequestHead
  ) -> (route: Route?, parameters: [String: String], allowed: [String]) {
    let wanted = head.method == "HEAD" ? "GET" : head.method
    var best: (route: Route, parameters: [String: String])?
    var allowed: Set<String> = []
    let path = Self.split(head.path).map { PercentCoding.decode($0) }
    for route in routes {
      guard let parameters = Self.match(route.parts, path) else { continue }
      allowed.insert(route.method)
      if route.method == "GET" { allowed.insert("HEAD") }
      if route.method == wanted, parameters.count < best?.parameters.count ?? .max {
        best = (route, parameters)
      }
    }
    return (best?.route, best?.parameters ?? [:], allowed.sorted())
  }

  private static func split(_ path: String) -> [Substring] {
    path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
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
  public convenience init(
    _ configuration: Configuration = Configuration(), router: Router
  ) throws(ServerError) {
    try self.init(configuration, bodyLimit: router.bodyLimit, handler: router.respond)
  }
}
