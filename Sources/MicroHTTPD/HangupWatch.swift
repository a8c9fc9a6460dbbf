import CMicroHTTPD
import Glibc
import Synchronization

/// Tells when clients hang up while their requests are being handled.
///
/// libmicrohttpd does not look at a connection that it has suspended, so this looks instead, with
/// an epoll set and a thread of its own. A client that only ends its sending half counts as gone:
/// it cannot be told from one that closed, and no HTTP client of note does it.
final class HangupWatch: Sendable {
  private struct State {
    var handlers: [UInt64: @Sendable () -> Void] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())
  private let poll: Int32
  private let bell: Int32
  private let tick: @Sendable () -> Void

  /// A watch whose thread runs until `close`, and calls `tick` twice a second; nil when the system
  /// refuses one.
  init?(tick: @escaping @Sendable () -> Void = {}) {
    self.tick = tick
    poll = epoll_create1(Int32(EPOLL_CLOEXEC))
    bell = eventfd(0, Int32(EFD_CLOEXEC))
    var event = epoll_event()
    event.events = EPOLLIN.rawValue
    var thread = pthread_t()
    let box = Unmanaged.passRetained(self)
    guard poll >= 0, bell >= 0, epoll_ctl(poll, EPOLL_CTL_ADD, bell, &event) == 0,
      pthread_create(&thread, nil, runHangupWatch, box.toOpaque()) == 0
    else {
      box.release()
      return nil
    }
    pthread_detach(thread)
  }

  deinit {
    if poll >= 0 { Glibc.close(poll) }
    if bell >= 0 { Glibc.close(bell) }
  }

  /// Calls `handler` once when the client at `socket` hangs up. `number` is not zero and names
  /// nothing else that is watched.
  func add(_ socket: Int32, _ number: UInt64, _ handler: @escaping @Sendable () -> Void) {
    state.withLock { state in
      state.handlers[number] = handler
      var event = epoll_event()
      event.events = EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue
      event.data.u64 = number
      epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event)
    }
  }

  /// Stops looking at `socket`; must be called before the socket is closed.
  func remove(_ socket: Int32, _ number: UInt64) {
    state.withLock { state in
      state.handlers[number] = nil
      epoll_ctl(poll, EPOLL_CTL_DEL, socket, nil)
    }
  }

  /// Ends the thread.
  func close() {
    state.withLock { $0.isClosed = true }
    var one: UInt64 = 1
    _ = write(bell, &one, 8)
  }

  fileprivate func run() {
    var events = [epoll_event](repeating: epoll_event(), count: 64)
    var next = ContinuousClock.now
    while !state.withLock({ $0.isClosed }) {
      let count = epoll_wait(poll, &events, Int32(events.count), 500)
      for event in events.prefix(Int(max(0, count))) {
        let handler = state.withLock { $0.handlers.removeValue(forKey: event.data.u64) }
        handler?()
      }
      let now = ContinuousClock.now
      if now >= next {
        next = now + .milliseconds(500)
        tick()
      }
    }
  }
}

private func runHangupWatch(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<HangupWatch>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
