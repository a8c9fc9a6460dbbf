import Glibc
import Synchronization

/// Passes connections on to a server on loopback, and cuts one of them with a reset after some bytes of the
/// request.
public final class CuttingProxy: Sendable {
  private struct State {
    var connections = 0
    var cut: (number: Int, after: Int)?
  }

  /// Its port.
  public let port: Int
  private let listener: Int32
  private let target: Int
  private let state = Mutex(State())

  /// A proxy before the server at `target`.
  public init(to target: Int) {
    self.target = target
    (listener, port) = Loopback.listen()
    let (listener, self_) = (listener, Unmanaged.passRetained(self))
    Thread.detach {
      let proxy = self_.takeRetainedValue()
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        Thread.detach { proxy.serve(client) }
      }
    }
  }

  /// Cuts the connection with this number, from 1 on, after so many bytes; the count begins anew.
  public func cut(_ number: Int, after bytes: Int) {
    state.withLock { $0 = State(connections: 0, cut: (number, bytes)) }
  }

  /// How many connections there were since the last `cut`.
  public var connections: Int { state.withLock(\.connections) }

  /// Takes no more connections.
  public func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private func serve(_ client: Int32) {
    let limit = state.withLock { state -> Int? in
      state.connections += 1
      guard let cut = state.cut, cut.number == state.connections else { return nil }
      return cut.after
    }
    guard let server = Loopback.connect(target) else {
      close(client)
      return
    }
    Thread.detach {
      _ = Self.pass(from: server, to: client, limit: nil)
      shutdown(client, Int32(SHUT_WR))
    }
    if Self.pass(from: client, to: server, limit: limit) {
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(
        client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
      // What the server has got of it is an unfinished request.
      close(client)
      close(server)
      return
    }
    shutdown(server, Int32(SHUT_WR))
  }

  /// Copies bytes; true when the limit was reached.
  private static func pass(from source: Int32, to target: Int32, limit: Int?) -> Bool {
    var left = limit ?? .max
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = recv(source, &buffer, min(buffer.count, left), 0)
      guard count > 0 else { return false }
      var sent = 0
      while sent < count {
        let more = send(target, Array(buffer[sent..<count]), count - sent, Int32(MSG_NOSIGNAL))
        guard more > 0 else { return false }
        sent += more
      }
      left -= count
      if left <= 0 { return true }
    }
  }
}

/// A thread of its own, for calls that block.
enum Thread {
  static func detach(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Box(body)).toOpaque()
    let made = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, context)
    if made == 0 { pthread_detach(thread) }
  }
}
