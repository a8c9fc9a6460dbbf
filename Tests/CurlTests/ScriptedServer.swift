import Glibc
import Synchronization

/// A server on loopback that does to each connection what a closure says, right or wrong.
final class ScriptedServer: Sendable {
  /// One connection whose request's header has been read.
  struct Connection: Sendable {
    let descriptor: Int32
    let header: String

    func send(_ text: String) {
      let bytes = Array(text.utf8)
      _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Reads until `count` bytes have come or the client is gone.
    func receive(_ count: Int) -> Int {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      var got = 0
      while got < count {
        let read = recv(descriptor, &buffer, min(buffer.count, count - got), 0)
        if read <= 0 { break }
        got += read
      }
      return got
    }

    /// Waits until the client hangs up.
    func waitForHangup() {
      _ = receive(.max)
    }

    /// Ends the connection with a reset.
    func reset() {
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(
        descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }
  }

  private struct State {
    var requests: [String] = []
  }

  let port: Int
  private let descriptor: Int32
  private let state = Mutex(State())
  private let script: @Sendable (Connection) -> Void

  var origin: String { "http://127.0.0.1:\(port)" }

  /// The headers of the requests that came, in order.
  var requests: [String] { state.withLock { $0.requests } }

  init(_ script: @escaping @Sendable (Connection) -> Void) {
    self.script = script
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let opened = descriptor
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(opened, $0, length) == 0 && listen(opened, 64) == 0)
        _ = getsockname(opened, $0, &length)
      }
    }
    port = Int(UInt16(bigEndian: address.sin_port))
    Self.startThread { [weak self] in
      // Whoever accepts also closes: a number closed elsewhere may by then be another server's.
      defer { close(opened) }
      while true {
        let connection = accept(opened, nil, nil)
        guard connection >= 0 else { return }
        guard let self else {
          close(connection)
          return
        }
        Self.startThread { self.serve(connection) }
      }
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  private func serve(_ descriptor: Int32) {
    defer { close(descriptor) }
    var header: [UInt8] = []
    var byte: UInt8 = 0
    while !header.reversed().starts(with: [10, 13, 10, 13]) {
      guard recv(descriptor, &byte, 1, 0) == 1 else { return }
      header.append(byte)
    }
    let text = String(decoding: header, as: UTF8.self)
    state.withLock { $0.requests.append(text) }
    script(Connection(descriptor: descriptor, header: text))
  }

  private final class Box {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
  }

  private static func startThread(_ work: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().work() }
        return nil
      }, Unmanaged.passRetained(Box(work)).toOpaque())
    pthread_detach(thread)
  }
}
