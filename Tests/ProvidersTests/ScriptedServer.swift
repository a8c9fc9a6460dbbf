import Core
import Glibc
import Synchronization
import Testing

/// A server on loopback that plays one scripted answer a connection, faults included, and keeps
/// what it was sent.
final class ScriptedServer: Sendable {
  /// What one connection gets.
  enum Move: Sendable {
    /// A whole answer.
    case reply(Int, String, [String: String] = [:])
    /// A whole answer with status 200, so many milliseconds after the request.
    case late(UInt32, String)
    /// These characters, then the end of the connection.
    case raw(String)
    /// The end of the connection once the request is read.
    case hangUp
    /// Nothing, for longer than any test waits.
    case silence
  }

  let port: UInt16
  private let listener: Int32
  private let moves: [Move]
  private let received = Mutex<[String]>([])
  private let isStopped = Atomic(false)
  private let lane = Lane(name: "scripted", width: 1)

  /// Starts; the last move is played again when there are more connections than moves.
  init(_ moves: [Move]) throws {
    self.moves = moves
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    listener = socket
    try #require(listener >= 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        guard bind(socket, generic, length) == 0, listen(socket, 64) == 0 else { return Int32(-1) }
        return getsockname(socket, generic, &length)
      }
    }
    try #require(status == 0)
    port = UInt16(bigEndian: address.sin_port)
    Task { [self] in
      try? await lane.run { _ in self.serve() }
    }
  }

  var url: String { "http://127.0.0.1:\(port)" }

  /// The requests so far, whole.
  var requests: [String] { received.withLock { $0 } }

  func stop() {
    isStopped.store(true, ordering: .relaxed)
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private func serve() {
    // Whoever accepts also closes: a number closed elsewhere may by then be another server's.
    defer { close(listener) }
    var number = 0
    while !isStopped.load(ordering: .relaxed) {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { return }
      let request = readRequest(connection)
      guard !request.isEmpty else {
        close(connection)
        continue
      }
      received.withLock { $0.append(request) }
      play(moves[min(number, moves.count - 1)], on: connection)
      number += 1
    }
  }

  private func readRequest(_ connection: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.firstRange(of: "\r\n\r\n") {
        let head = text[..<end.lowerBound].lowercased()
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
          .flatMap { Int($0.dropFirst(15).filter(\.isNumber)) }
        if text[end.upperBound...].utf8.count >= length ?? 0 { return text }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return text }
      bytes += buffer[..<count]
    }
  }

  private func play(_ move: Move, on connection: Int32) {
    switch move {
    case .late(let milliseconds, let body):
      usleep(milliseconds * 1_000)
      return play(.reply(200, body), on: connection)
    case .reply(let status, let body, let headers):
      var text = "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n"
      text += "Content-Type: application/json\r\nConnection: close\r\n"
      for (name, value) in headers { text += "\(name): \(value)\r\n" }
      write(text + "\r\n" + body, to: connection)
    case .raw(let text): write(text, to: connection)
    case .hangUp: break
    case .silence:
      // Left open: the client's time-out ends it.
      return
    }
    shutdown(connection, Int32(SHUT_WR))
    close(connection)
  }

  private func write(_ text: String, to connection: Int32) {
    let bytes = Array(text.utf8)
    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }
}

/// A port of this machine where nobody listens.
func closedPort() throws -> UInt16 {
  let server = try ScriptedServer([.hangUp])
  server.stop()
  return server.port
}
