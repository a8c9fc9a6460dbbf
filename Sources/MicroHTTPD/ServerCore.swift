import CMicroHTTPD
import Glibc
import Synchronization

/// What libmicrohttpd's callbacks need: the handler, and the exchanges under way.
final class ServerCore: Sendable {
  let configuration: HTTPServer.Configuration
  let watch: HangupWatch
  private let handler: HTTPServer.Handler
  private let bodyLimit: HTTPServer.BodyLimit
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
    _ configuration: HTTPServer.Configuration, watch: HangupWatch,
    bodyLimit: @escaping HTTPServer.BodyLimit,
    immediate: @escaping HTTPServer.ImmediateHandler, handler: @escaping HTTPServer.Handler
  ) {
    self.configuration = configuration
    self.watch = watch
    self.bodyLimit = bodyLimit
    self.immediate = immediate
    self.handler = handler
  }

  /// Requests that have begun and whose answers are not sent in full.
  var active: [Exchange] { state.withLock { Array($0.exchanges.values) } }

  func enter(_ phase: Phase) {
    state.withLock { $0.phase = phase }
  }

  func open(target: String) -> Exchange {
    state.withLock { state in
      state.count += 1
      let exchange = Exchange(number: state.count, target: target)
      state.exchanges[exchange.number] = exchange
      return exchange
    }
  }

  func close(_ exchange: Exchange) {
    _ = state.withLock { $0.exchanges.removeValue(forKey: exchange.number) }
  }

  /// Takes the head of a request; gives the answer when the body shall not be read.
  func begin(_ exchange: Exchange, _ head: RequestHead) -> ServerResponse? {
    exchange.head = head
    // A request without a body needs no limit, and most have none.
    let isBare = head.contentLength ?? 0 == 0 && head.headers["Transfer-Encoding"] == nil
    exchange.limit = isBare ? 0 : max(0, bodyLimit(head))
    exchange.spool = Spool(
      folder: configuration.spoolFolder, threshold: configuration.memoryThreshold)
    guard let length = head.contentLength, length > exchange.limit else { return nil }
    let refusal = ServerResponse.tooLarge(exchange.limit)
    // A client that waits for 100 gets the refusal in its place; one that sends at once must be
    // listened to for a while, or closing would destroy the answer on its way.
    if head.headers["Expect"] != nil || length > exchange.limit + Exchange.patience {
      return refusal
    }
    exchange.refusal = refusal
    return nil
  }

  /// The answer that is there at once; nil where a task has to find it.
  func answerAtOnce(_ exchange: Exchange) -> Prepared? {
    guard let head = exchange.head, exchange.spool?.count == 0,
      head.method == "GET" || head.method == "HEAD",
      var answer = immediate(ServerRequest(head))
    else { return nil }
    if state.withLock({ $0.phase != .running }) { answer.headers["Connection"] = "close" }
    return Prepared.make(answer, method: head.method, headers: head.headers)
  }

  /// Suspends the connection and has the handler answer.
  func handle(_ exchange: Exchange, _ connection: OpaquePointer) {
    guard let head = exchange.head else { return }
    let body = exchange.spool?.finish()
    exchange.spool = nil
    let connection = Connection(pointer: connection)
    let socket = swapline_connection_socket(connection.pointer)
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
        finish(exchange, .text(507, "There is no room to keep the body.\n"))
      }
    }
    exchange.attach(task)
  }

  /// Answers, unless the exchange is answered already.
  func finish(_ exchange: Exchange, _ answer: ServerResponse) {
    var answer = answer
    if state.withLock({ $0.phase != .running }) { answer.headers["Connection"] = "close" }
    let prepared = exchange.head.flatMap {
      Prepared.make(answer, method: $0.method, headers: $0.headers)
    }
    guard let handling = exchange.finish(prepared) else { return }
    // In this order: once resumed, the server's thread may close the socket.
    watch.remove(handling.socket, exchange.number)
    MHD_resume_connection(handling.connection.pointer)
  }
}

extension ServerResponse {
  static let stopping = ServerResponse.text(503, "The server is stopping.\n")
}
