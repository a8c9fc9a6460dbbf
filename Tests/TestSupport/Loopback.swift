import Foundation
import Glibc

/// Servers of others on this machine's loopback address.
public enum Loopback {
  /// Ports that were free a moment ago.
  public static func freePorts(_ count: Int) -> [Int] {
    let sockets = (0..<count).map { _ in listen() }
    for socket in sockets { close(socket.socket) }
    return sockets.map(\.port)
  }

  /// The answer to a request, head and body; nil when nobody listens.
  public static func ask(
    _ port: Int, _ method: String, _ path: String, _ headers: [String: String] = [:],
    body: String = ""
  ) -> String? {
    guard let connection = Self.connect(port) else { return nil }
    defer { close(connection) }
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(
      connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let fields = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
    let request =
      "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Length: \(body.utf8.count)\r\n"
      + "Connection: close\r\n\(fields)\r\n\(body)"
    _ = request.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0 else { break }
      answer += chunk[..<count]
    }
    return answer.isEmpty ? nil : String(decoding: answer, as: UTF8.self)
  }

  /// Waits until a server answers otherwise than with its own failure; false when a process has ended
  /// before, or after a minute.
  public static func answers(_ port: Int, _ path: String, from processes: [Started]) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      if let answer = ask(port, "GET", path), !answer.hasPrefix("HTTP/1.1 5") { return true }
      guard processes.allSatisfy(\.isRunning) else { return false }
      try? await Task.sleep(for: .milliseconds(50))
    }
    return false
  }

  /// A connection to a port; nil when nobody listens.
  static func connect(_ port: Int) -> Int32? {
    let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = address(port)
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        Glibc.connect(connection, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if connected == 0 { return connection }
    close(connection)
    return nil
  }

  /// A socket that takes connections, and its port.
  static func listen() -> (socket: Int32, port: Int) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = address(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        _ = bind(listener, pointer, size)
        _ = getsockname(listener, pointer, &size)
      }
    }
    _ = Glibc.listen(listener, 64)
    return (listener, Int(UInt16(bigEndian: address.sin_port)))
  }

  private static func address(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }
}

/// What could not be started for a test.
struct NotStarted: Error {
  let reason: String
}
