import CMicroHTTPD
import Synchronization

/// A connection of libmicrohttpd, which may be resumed from any thread.
struct Connection: @unchecked Sendable {
  let pointer: OpaquePointer
}

/// One request on its way from the first line to the last byte of the answer.
///
/// `@unchecked Sendable`: what is not behind the mutex is touched on the server's thread only, which
/// calls libmicrohttpd's callbacks one at a time.
final class Exchange: @unchecked Sendable {
  private enum State {
    /// The request is not whole yet.
    case receiving
    /// The handler works; the connection is suspended.
    case handling(Handling)
    /// The answer is there.
    case answered(PreparedResponse?)
  }

  struct Handling {
    let connection: Connection
    let socket: Int32
    var task: Task<Void, Never>?
    var isCancelled = false
  }

  /// How many bytes too many are read and thrown away: most clients read no answer before they have
  /// sent everything, and closing earlier would destroy the answer on its way.
  static let patience: Int64 = 256 << 20

  private let state = Mutex(State.receiving)

  /// Names the exchange among those of one server; never zero.
  let number: UInt64
  /// Names the connection among those of one server.
  let connection: UInt64
  let target: String
  let begun = ContinuousClock.now
  /// Where the target lies, as long as the head is read.
  var targetPart = HeadLayout.Part("")
  var head: RequestHead?
  /// What was answered.
  var status: Int?
  /// Whether the body comes in chunks, so that nobody knows where it ends.
  var isChunked: Bool { head?.headers["Transfer-Encoding"] != nil }
  /// Whether the refusal went out in the middle of the body.
  var isAnsweredEarly = false
  /// Whether its body was let in.
  var isAdmitted = false
  /// Whether the connection ends with this exchange.
  var isLast = false
  var limit: Int64 = 0
  var spool: BodyBuffer?
  /// What is answered whatever the handler would say.
  var refusal: ServerResponse?

  init(number: UInt64, target: String, connection: UInt64) {
    self.number = number
    self.connection = connection
    self.target = target
  }

  /// Takes a piece of the body; false when the client has sent far more than it may.
  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let spool else { return true }
    spool.append(bytes)
    guard spool.count > limit else { return true }
    if refusal == nil {
      refusal = .tooLarge(limit)
      isLast = true
    }
    spool.discard()
    return spool.count <= limit.addingReportingOverflow(Self.patience).partialValue
  }

  /// The answer to send; nil while there is none.
  var answer: PreparedResponse?? {
    state.withLock { state in
      guard case .answered(let prepared) = state else { return nil }
      return .some(prepared)
    }
  }

  func beginHandling(_ connection: Connection, _ socket: Int32) {
    state.withLock { $0 = .handling(Handling(connection: connection, socket: socket)) }
  }

  func attach(_ task: Task<Void, Never>) {
    let isCancelled = state.withLock { state in
      guard case .handling(var handling) = state else { return false }
      handling.task = task
      state = .handling(handling)
      return handling.isCancelled
    }
    if isCancelled { task.cancel() }
  }

  /// Asks the handler to stop.
  func cancel() {
    let task: Task<Void, Never>? = state.withLock { state in
      guard case .handling(var handling) = state else { return nil }
      handling.isCancelled = true
      state = .handling(handling)
      return handling.task
    }
    task?.cancel()
  }

  /// Whether a handler works on it.
  var isHandling: Bool {
    state.withLock { state in
      if case .handling = state { true } else { false }
    }
  }

  /// Sets the answer unless there is one, and gives what is to be resumed.
  func finish(_ prepared: PreparedResponse?) -> Handling? {
    state.withLock { state in
      guard case .handling(let handling) = state else { return nil }
      state = .answered(prepared)
      return handling
    }
  }
}

extension ServerResponse {
  static func tooLarge(_ limit: Int64) -> ServerResponse {
    .text(413, "The body is too large: at most \(limit) bytes are accepted here.\n")
  }
}
