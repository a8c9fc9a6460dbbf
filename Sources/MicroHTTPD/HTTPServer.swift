import CMicroHTTPD
import Glibc
import Synchronization

/// An HTTP/1.1 server on one thread of its own, whose requests are answered by Swift tasks.
///
/// A client that hangs up cancels its task. Slow clients keep nobody waiting: the thread never
/// blocks on one, and `ConnectionLimits` end those that take too long. What could be read in two
/// ways is refused with 400.
package final class HTTPServer: Sendable {
  /// Answers a request whose body is read.
  package typealias Handler = @Sendable (ServerRequest) async -> ServerResponse
  /// Answers a request without a body on the server's own thread, where nothing may wait; nil leaves
  /// it to the handler.
  package typealias ImmediateHandler = @Sendable (ServerRequest) -> ServerResponse?
  /// How many bytes a request's body may have.
  package typealias BodyLimit = @Sendable (RequestHead) -> Int64
  /// Whether a request's body is read; asked on the server's own thread, where nothing may wait.
  package typealias Admission = @Sendable (RequestHead) -> BodyAdmission
  /// Told of every request that was answered or given up, on the server's own thread.
  package typealias Observer = @Sendable (AnsweredRequest) -> Void

  /// Where and within which bounds a server works.
  package struct Configuration: Sendable, Hashable {
    /// The numeric address to listen at.
    package var address: String
    /// The port; 0 takes any free one.
    package var port: Int
    /// How many connections there may be, and how long each may keep the server waiting.
    package var limits: ConnectionLimits
    /// Longer bodies go to a file, in bytes.
    package var memoryThreshold: Int
    /// Where those files are made.
    package var spoolFolder: String

    /// Loopback, any port, 256 KiB, the system's folder for such files.
    package init(
      address: String = "127.0.0.1", port: Int = 0, limits: ConnectionLimits = ConnectionLimits(),
      memoryThreshold: Int = 262_144, spoolFolder: String? = nil
    ) {
      self.address = address
      self.port = port
      self.limits = limits
      self.memoryThreshold = max(0, memoryThreshold)
      self.spoolFolder = spoolFolder ?? Self.systemFolder
    }

    private static var systemFolder: String {
      guard let folder = getenv("TMPDIR"), folder.pointee != 0 else { return "/tmp" }
      return String(cString: folder)
    }
  }

  /// libmicrohttpd's server and how far it is stopped.
  ///
  /// `@unchecked Sendable`: libmicrohttpd's server may be used from any thread; that it is stopped
  /// once is seen to by `isStopped`.
  private struct Daemon: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  /// The port that it listens at.
  package let port: Int
  private let core: ServerCore
  private let daemon: Daemon
  private let isStopped = Mutex(false)

  /// Starts a server. Throws `ServerError`, among others when the port is taken.
  package convenience init(
    _ configuration: Configuration = Configuration(),
    bodyLimit: @escaping BodyLimit = { _ in 1_000_000 },
    immediate: @escaping ImmediateHandler = { _ in nil }, observer: Observer? = nil,
    handler: @escaping Handler
  ) throws(ServerError) {
    try self.init(
      configuration, admission: { .accept(limit: bodyLimit($0)) }, immediate: immediate,
      observer: observer, handler: handler)
  }

  /// Starts a server that decides by a request's head whether its body is read. Throws
  /// `ServerError`.
  package init(
    _ configuration: Configuration = Configuration(), admission: @escaping Admission,
    immediate: @escaping ImmediateHandler = { _ in nil }, observer: Observer? = nil,
    handler: @escaping Handler
  ) throws(ServerError) {
    let socket = try ListeningSocket(address: configuration.address, port: configuration.port)
    let limits = configuration.limits
    let connections = Connections(limits)
    guard let watch = HangupWatch(tick: { connections.sweep() }) else {
      close(socket.descriptor)
      throw ServerError(.other, "The system is out of threads or file descriptors.")
    }
    core = ServerCore(
      configuration, watch: watch, connections: connections, admission: admission,
      immediate: immediate, observer: observer, handler: handler)
    port = socket.port
    let context = Unmanaged.passRetained(core)
    // The memory of a connection holds a request's header and one piece of its body: 16 KiB, of which
    // a thousand connections are 16 MB.
    guard
      let daemon = swapline_start(
        socket.descriptor, UInt32(limits.maximum + limits.reserve), UInt32(limits.idleSeconds),
        16_384, context.toOpaque(), onAccess, onTarget, onCompleted, onConnection)
    else {
      context.release()
      watch.close()
      close(socket.descriptor)
      throw ServerError(
        .other,
        "The server could not be started: the system is out of threads or file descriptors.")
    }
    self.daemon = Daemon(pointer: daemon)
  }

  deinit {
    guard isStopped.withLock({ !$0 }) else { return }
    quiesce()
    halt()
  }

  /// How many connections are open.
  var connectionCount: Int { core.connections.count }

  /// `http://` with address and port, without a slash at the end.
  package var origin: String {
    let address = core.configuration.address
    return "http://" + (address.contains(":") ? "[\(address)]" : address) + ":\(port)"
  }

  /// Takes no more connections, lets the requests under way end, and stops.
  ///
  /// After `grace` the handlers that still work are cancelled and their clients get a 503. Later
  /// calls return at once.
  package func stop(within grace: Duration = .seconds(5)) async {
    let wasStopped = isStopped.withLock { isStopped in
      defer { isStopped = true }
      return isStopped
    }
    guard !wasStopped else { return }
    quiesce()
    let deadline = ContinuousClock.now + grace
    while !core.active.isEmpty, ContinuousClock.now < deadline {
      try? await Task.sleep(for: .milliseconds(5))
      if Task.isCancelled { break }
    }
    halt()
  }

  private func quiesce() {
    core.enter(.draining)
    let listening = MHD_quiesce_daemon(daemon.pointer)
    guard listening >= 0 else { return }
    // A child that is being started at this moment holds a copy until it executes its program; the
    // port is free at once all the same.
    shutdown(listening, Int32(SHUT_RDWR))
    close(listening)
  }

  /// libmicrohttpd must not be stopped while a connection is suspended, so every handler that still
  /// works is answered for first.
  private func halt() {
    core.enter(.halting)
    for exchange in core.active {
      exchange.cancel()
      core.finish(exchange, .stopping)
    }
    MHD_stop_daemon(daemon.pointer)
    core.watch.close()
    Unmanaged.passUnretained(core).release()
  }
}
