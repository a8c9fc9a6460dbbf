import Core
import Glibc

/// A connection on loopback on which a test says what no client of ours would.
final class RawSocket: Sendable {
  private let descriptor: Int32
  private let threads = ThreadPool(name: "raw", width: 1)

  init(port: Int) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let unconnected = descriptor
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = connect(unconnected, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit {
    close(descriptor)
  }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// What comes until the server ends the connection.
  func answer() async -> String {
    let descriptor = descriptor
    let bytes = try? await threads.run { _ in
      var got: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 4_096)
      while true {
        let count = recv(descriptor, &piece, piece.count, 0)
        guard count > 0 else { return got }
        got += piece[..<count]
      }
    }
    return String(decoding: bytes ?? [], as: UTF8.self)
  }
}
