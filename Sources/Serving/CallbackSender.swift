import Core
import Curl

/// Tells clients that their tasks ended: signed, and again until they answer with 2xx.
///
/// The store keeps what is due, so a restart forgets none. A callback may come twice, when the
/// server stops between the answer and its note of it.
actor CallbackSender {
  private let store: any TaskStore
  private let client: HTTPClient
  private let policy: AddressPolicy
  private let delays: [TimeSpan]
  private let body: @Sendable (TaskRecord) throws -> [UInt8]
  private var loop: Task<Void, Never>?
  private var pause: Task<Void, Never>?
  private var isWoken = false

  /// A sender whose tries follow each other by `delays`; `body` makes what is sent.
  init(
    store: any TaskStore, client: HTTPClient, policy: AddressPolicy, delays: [TimeSpan],
    body: @escaping @Sendable (TaskRecord) throws -> [UInt8]
  ) {
    self.store = store
    self.client = client
    self.policy = policy
    self.delays = delays
    self.body = body
  }

  /// How long no other server sends a callback that one has taken up: longer than a request may take.
  private static let lease = TimeSpan.minutes(1)

  /// The header field with the time and the signature: `t=SECONDS,v1=HEX`.
  static let signatureHeader = "X-Swapline-Signature"

  /// Says that a callback may be due.
  func wake() {
    isWoken = true
    pause?.cancel()
    if loop == nil { loop = Task { await self.work() } }
  }

  /// Sends nothing more; what is due stays in the store.
  func stop() async {
    loop?.cancel()
    pause?.cancel()
    await loop?.value
  }

  private func work() async {
    defer { loop = nil }
    while !Task.isCancelled {
      isWoken = false
      guard let due = try? await store.dueDeliveries(limit: 16, for: Self.lease) else { return }
      if due.isEmpty {
        guard let next = try? await store.nextDelivery() else {
          // Nothing is due at any time; a wake that came meanwhile is answered by another round.
          if isWoken { continue }
          return
        }
        let wait = max(1, next)
        let pause = Task<Void, Never> { try? await Task.pause(for: .milliseconds(wait)) }
        self.pause = pause
        // What came while the store was asked is looked at before sleeping on it.
        if isWoken || Task.isCancelled { pause.cancel() }
        await pause.value
        continue
      }
      let areNoted = await withTaskGroup(of: Bool.self) { group in
        for delivery in due { group.addTask { await self.send(delivery) } }
        var areNoted = true
        for await isNoted in group where !isNoted { areNoted = false }
        return areNoted
      }
      // Without a note the same would be sent again at once, and for ever.
      guard areNoted else { return }
    }
  }

  /// Sends one callback; whether the try was noted.
  private func send(_ delivery: Delivery) async -> Bool {
    let isTaken = await post(delivery)
    let isStopped = Task.isCancelled && !isTaken
    let next = isTaken || delivery.attempts >= delays.count ? nil : delays[delivery.attempts]
    let store = store
    return await Task {
      do {
        if isStopped {
          try await store.returnDelivery(delivery)
        } else {
          try await store.noteDelivery(delivery, next: next)
        }
        return true
      } catch {
        return false
      }
    }.value
  }

  private func post(_ delivery: Delivery) async -> Bool {
    guard let bytes = try? body(delivery.task) else { return false }
    let headers: HTTPHeaders = [
      "Content-Type": "application/json",
      Self.signatureHeader: Self.signature(
        of: bytes, account: delivery.task.account, at: WallClock.seconds),
    ]
    let response = try? await client.send(
      HTTPRequest(
        "POST", delivery.url, headers: headers, body: .bytes(bytes), timeout: .seconds(15),
        maximumBytes: 65_536, addressPolicy: policy))
    return response?.isSuccess ?? false
  }

  /// HMAC-SHA256 of `SECONDS.BODY`, its key the 64 hexadecimal digits of the API key's SHA-256: a
  /// client knows its key, and the server keeps no more than that digest of it.
  static func signature(of body: [UInt8], account: String, at seconds: Int64) -> String {
    let signer = Signer(key: Array(account.utf8))
    let text = "\(seconds)." + String(decoding: body, as: UTF8.self)
    return "t=\(seconds),v1=\(signer.signature(of: text))"
  }
}
