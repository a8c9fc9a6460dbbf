import CMicroHTTPD
import Glibc
import Synchronization

/// What libmicrohttpd's callbacks need: the handler, and the exchanges under way.
final class ServerCore: Sendable {
  let configuration: HTTPServer.Configuration
  let watch: HangupWatch
  let connections: Connections
  private let observer: HTTPServer.Observer?
  private let handler: HTTPServer.Handler
  private let admission: HTTPServer.Admission
  private let immediate: HTTPServer.ImmediateHandler
  private let state = Mutex(State())

  private struct State {
    var exchanges: [UInt64: Exchange] = [:]
    var count: UInt64 = 0
    var phase = Phase.running
  }

  /// How far the server is on its way to its end.
  enum Phase {
    /// It takes requests.
    case running
    /// It takes no more connections, and ends each with its next answer.
    case draining
    /// It calls no more handlers.
    case halting
  }

  init(
    _ configuration: HTTPServer.Configuration, watch: HangupWatch, connections: Connections,
    admission: @escaping HTTPServer.Admission,
    immediate: @escaping HTTPServer.ImmediateHandler, observer: HTTPServer.Observer?,
    handler: @escaping HTTPServer.Handler
  ) {
    self.configuration = configuration
    self.watch = watch
    self.connections = connections
    self.admission = admission
    self.observer = observer
    self.immediate = immediate
    self.handler = handler
  }

  /// Requests that have begun and whose answers are not sent in full.
  var active: [Exchange] { state.withLock { Array($0.exchanges.values) } }

  func enter(_ phase: Phase) {
    state.withLock { $0.phase = phase }
  }

  func open(target: String, on connection: UInt64) -> Exchange {
    connections.enter(.head, connection)
    return state.withLock { state in
      state.count += 1
      let exchange = Exchange(number: state.count, target: target, connection: connection)
      state.exchanges[exchange.number] = exchange
      return exchange
    }
  }

  /// Forgets an exchange; `isWhole` says that its answer was sent.
  func close(_ exchange: Exchange, isWhole: Bool) {
    let client = connections.client(exchange.connection)
    connections.enter(.idle, exchange.connection)
    _ = state.withLock { $0.exchanges.removeValue(forKey: exchange.number) }
    guard let observer else { return }
    // Where there is an answer that is not ours, libmicrohttpd has refused the rest of the head.
    observer(
      AnsweredRequest(
        client: client, method: exchange.head?.method, target: exchange.target,
        status: exchange.status ?? (isWhole ? 400 : nil), isAdmitted: exchange.isAdmitted,
        isWhole: isWhole,
        time: ContinuousClock.now - exchange.begun))
  }

  /// Takes the head of a request, which lies in memory as one should or not; gives the answer when
  /// the body shall not be read.
  func begin(
    _ exchange: Exchange, _ head: RequestHead, version: String, isPlain: Bool
  ) -> ServerResponse? {
    exchange.head = head
    connections.enter(.body, exchange.connection)
    let fault =
      HeadRules.fault(head, version: version)
      ?? (isPlain
        ? nil : "The request head is malformed: a line is folded, or does not end in CRLF.")
    if let fault {
      exchange.isLast = true
      return .text(400, fault + "\n")
    }
    if connections.isSurplus(exchange.connection),
      !configuration.limits.alwaysOpen.contains(head.path)
    {
      exchange.isLast = true
      var refusal = ServerResponse.text(503, "The server has too many connections.\n")
      refusal.headers["Retry-After"] = "5"
      return refusal
    }
    // What is read leniently, such as the lines between chunks, is never followed by a request.
    if head.headers["Transfer-Encoding"] != nil { exchange.isLast = true }
    // A request without a body needs no limit, and most have none.
    let isBare = head.contentLength ?? 0 == 0 && head.headers["Transfer-Encoding"] == nil
    switch admission(head) {
    case .refuse(let refusal):
      guard
        isBare || head.headers["Expect"] != nil
          || head.contentLength ?? 0 > Exchange.patience
      else {
        exchange.isLast = true
        exchange.refusal = refusal
        exchange.limit = .max
        return nil
      }
      return refusal
    case .accept(let limit):
      exchange.isAdmitted = true
      exchange.limit = isBare ? 0 : max(0, limit)
    }
    exchange.spool = BodyBuffer(
      folder: configuration.spoolFolder, threshold: configuration.memoryThreshold)
    guard let length = head.contentLength, length > exchange.limit else { return nil }
    let refusal = ServerResponse.tooLarge(exchange.limit)
    exchange.isLast = true
    // A client that waits for 100 gets the refusal in its place; one that sends at once must be
    // listened to for a while, or closing would destroy the answer on its way.
    if head.headers["Expect"] != nil || length > exchange.limit + Exchange.patience {
      return refusal
    }
    exchange.refusal = refusal
    return nil
  }

  /// The answer that is there at once; nil where a task has to find it.
  func answerAtOnce(_ exchange: Exchange) -> PreparedResponse? {
    guard let head = exchange.head, exchange.spool?.count == 0,
      head.method == "GET" || head.method == "HEAD",
      let answer = immediate(ServerRequest(head))
    else { return nil }
    return prepare(answer, for: exchange)
  }

  /// Makes an answer ready; nil when it cannot be sent.
  func prepare(_ answer: ServerResponse, for exchange: Exchange) -> PreparedResponse? {
    guard let head = exchange.head else { return nil }
    var answer = answer
    if exchange.isLast || state.withLock({ $0.phase != .running }) {
      answer.headers["Connection"] = "close"
    }
    return PreparedResponse.make(answer, method: head.method, headers: head.headers)
  }

  /// Sends the refusal of a body that has no end in sight, and ends what is sent to the client.
  ///
  /// libmicrohttpd takes an answer before a body or behind it only. Nothing else of this connection is
  /// on its way, so the few bytes go out past it; what the client still sends is thrown away for a
  /// while, since a close with unread bytes would destroy them.
  func answerEarly(_ exchange: Exchange, _ connection: OpaquePointer) {
    guard let refusal = exchange.refusal, case .bytes(let body) = refusal.body else { return }
    exchange.isAnsweredEarly = true
    exchange.status = refusal.status
    let head =
      "HTTP/1.1 \(refusal.status) Content Too Large\r\nConnection: close\r\n"
      + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: \(body.count)\r\n\r\n"
    let bytes = Array(head.utf8) + body
    let socket = swapline_connection_socket(connection)
    send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    shutdown(socket, Int32(SHUT_WR))
    connections.enter(.idle, exchange.connection)
  }

  /// Suspends the connection and has the handler answer.
  func handle(_ exchange: Exchange, _ connection: OpaquePointer) {
    guard let head = exchange.head else { return }
    let body = exchange.spool?.finish()
    exchange.spool = nil
    let connection = Connection(pointer: connection)
    let socket = swapline_connection_socket(connection.pointer)
    connections.enter(.handling, exchange.connection)
    MHD_suspend_connection(connection.pointer)
    // Under the lock, so that whoever enters `halting` sees every exchange that is suspended.
    let isHalting = state.withLock { state in
      exchange.beginHandling(connection, socket)
      return state.phase == .halting
    }
    guard !isHalting else { return finish(exchange, .stopping) }
    watch.add(socket, exchange.number) { exchange.cancel() }
    let task = Task {
      if let body {
        finish(exchange, await handler(ServerRequest(head, body: body)))
      } else {
        finish(exchange, .text(507, "The body could not be stored: the disk is full.\n"))
      }
    }
    exchange.attach(task)
  }

  /// Answers, unless the exchange is answered already.
  func finish(_ exchange: Exchange, _ answer: ServerResponse) {
    guard let handling = exchange.finish(prepare(answer, for: exchange)) else { return }
    // In this order: once resumed, the server's thread may close the socket.
    watch.remove(handling.socket, exchange.number)
    MHD_resume_connection(handling.connection.pointer)
  }
}

extension ServerResponse {
  static let stopping = ServerResponse.text(503, "The server is stopping.\n")
}
