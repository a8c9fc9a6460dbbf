import Core
import MicroHTTPD

/// The paths for those who watch the server: alive, ready, counted, described.
struct WatchRoutes: Sendable {
  let context: ServerContext

  func add(to router: inout Router) {
    router.on("GET", "/healthz") { _ in await health() }
    router.on("GET", "/readyz") { _ in await readiness() }
    router.on("GET", "/metrics") { _ in await metrics() }
    router.on("GET", "/openapi.json") { _ in
      .json(200, (try? JSONText.bytes(OpenAPIDocument(context).json)) ?? [])
    }
  }

  /// Whether the server works at all: a supervisor restarts it when not.
  private func health() async -> ServerResponse {
    do {
      try await context.store.check()
      return .json(200, Array(#"{"status":"ok"}"#.utf8))
    } catch {
      return .json(503, Array(#"{"status":"the task store cannot be used"}"#.utf8))
    }
  }

  /// Whether new work would be taken: a balancer sends it elsewhere when not.
  private func readiness() async -> ServerResponse {
    let reason: String
    do {
      let waiting = try await context.store.waiting()
      if context.configuration.isInMaintenance {
        reason = "the server is in maintenance"
      } else if waiting >= context.configuration.queueLimit {
        reason = "\(waiting) tasks are already waiting"
      } else {
        return .json(200, Array(#"{"status":"ready"}"#.utf8))
      }
    } catch {
      reason = "the task store cannot be used"
    }
    let body: JSONValue = ["status": .string(reason)]
    return .json(503, (try? JSONText.bytes(body)) ?? [])
  }

  private func metrics() async -> ServerResponse {
    guard let tally = try? await context.store.tally() else {
      return .text(503, "The task store cannot be used.\n")
    }
    let text = MetricsText(
      tally, requests: context.requests, version: context.configuration.version,
      modelsWithoutSwap: context.facades.reduce(into: []) { $0.formUnion($1.modelsWithoutSwap) }
    ).text
    return ServerResponse(
      200, headers: ["Content-Type": MetricsText.contentType], body: .bytes(Array(text.utf8)))
  }
}
