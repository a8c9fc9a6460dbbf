import Glibc

/// A client that says exactly what it is told to, at the pace it is told to.
final class RawClient: Sendable {
  private let descriptor: Int32

  /// A client at 127.0.0.`host`.
  init(port: Int, from host: UInt32 = 1) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var own = sockaddr_in()
    own.sin_family = sa_family_t(AF_INET)
    own.sin_addr.s_addr = (0x7F00_0000 + host).bigEndian
    let unbound = descriptor
    withUnsafePointer(to: &own) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(unbound, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let descriptor = descriptor
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit {
    close(descriptor)
  }

  func send(_ text: String) {
    send(bytes: Array(text.utf8))
  }

  func send(bytes: [UInt8]) {
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// What comes until `end` has come, the server closes, or a minute passes. It waits on a thread
  /// of its own: blocked tasks would leave none for the server's handlers.
  func receive(until end: String? = nil) async -> String {
    await withCheckedContinuation { continuation in
      let work = Work { continuation.resume(returning: self.receiveBlocking(until: end)) }
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { context in
          if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
          return nil
        }, Unmanaged.passRetained(work).toOpaque())
      pthread_detach(thread)
    }
  }

  private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  private func receiveBlocking(until end: String?) -> String {
    var got: [UInt8] = []
    var byte: UInt8 = 0
    let mark = end.map { Array($0.utf8.reversed()) }
    while recv(descriptor, &byte, 1, 0) == 1 {
      got.append(byte)
      if let mark, got.reversed().starts(with: mark) { break }
    }
    return String(decoding: got, as: UTF8.self)
  }

  func hangUp() {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }
}
