import Core
import MicroHTTPD

/// How new work is taken, the same for every wire format.
extension ServerContext {
  /// The account of a key. Throws a refusal for one that is missing or not known.
  package func account(key: String?, in field: String) async throws -> String {
    guard let key, !key.isEmpty else {
      throw Refusal(.unauthorized, "The header field \(field) is missing.")
    }
    guard let account = try await accounts.find(key) else {
      throw Refusal(.unauthorized, "The key is not known.")
    }
    return account
  }

  /// New work only: what was taken goes on, and can be asked for, whatever stands here.
  package func admit(_ account: String) throws(Refusal) {
    if configuration.isInMaintenance {
      throw Refusal(.maintenance, "The server is in maintenance and takes no new work.")
    }
    if let wait = limiter.take(account) {
      throw Refusal(
        .limited,
        "This key may make \(configuration.requestsPerMinute ?? 0) requests a minute.",
        retryAfter: wait)
    }
  }

  /// Takes an order. `isRepeated` says that the request's Idempotency-Key had brought it before.
  package func take(
    _ order: SwapOrder, facade: String, account: String, request: ServerRequest,
    price: Credits? = nil
  ) async throws -> (task: TaskRecord, isRepeated: Bool) {
    let key = request.headers["Idempotency-Key"]
    if let key, !(1...255).contains(key.utf8.count) {
      throw Refusal(.invalid, "Idempotency-Key must have 1 to 255 characters.")
    }
    let price = price ?? configuration.price(of: order.kind)
    switch try await store.create(
      order, facade: facade, account: account, price: price, idempotencyKey: key,
      contents: key == nil ? [:] : try await contents(order), queueLimit: configuration.queueLimit)
    {
    case .created(let task):
      wake()
      return (task, false)
    case .repeated(let task):
      return (task, true)
    case .conflict:
      throw Refusal(
        .conflict, "This Idempotency-Key was used before for a different request.")
    case .poor(let available):
      throw Refusal(
        .poor, "This task costs \(price) credits, and the account has \(available) left.")
    case .full(let waiting):
      throw Refusal(
        .limited, "\(waiting) tasks are already waiting, and no more are accepted.",
        retryAfter: .seconds(5))
    }
  }

  /// The digests of the server's own files that an order names, by their addresses.
  private func contents(_ order: SwapOrder) async throws -> [String: String] {
    var contents: [String: String] = [:]
    for url in [order.sceneURL] + order.faces.map(\.url) {
      guard let (name, verdict) = links.ownFile(url), verdict != .forged else { continue }
      contents[url] = try await store.digest(of: name)
    }
    return contents
  }
}
