import Core
import Glibc
import Synchronization

/// A server on loopback that answers each request with exactly the bytes that a closure gives, right or
/// wrong, and keeps the requests.
final class AnswerServer: Sendable {
  /// One request.
  struct Ask: Sendable {
    /// Counted from 0.
    var number: Int
    var path: String
    /// The first byte asked for; nil for the whole file.
    var from: Int?
  }

  /// What is sent, header lines and body; nil closes the connection at once.
  struct Answer: Sendable {
    var status: Int
    var fields: [String] = []
    var body: ArraySlice<UInt8> = []
  }

  let origin: String
  private let listener: Int32
  private let asks = Mutex<[Ask]>([])
  private let threads = ThreadPool(name: "answer server", width: 1)

  /// The requests so far.
  var asked: [Ask] { asks.withLock { $0 } }

  init(_ answer: @escaping @Sendable (Ask) -> Answer?) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(listener, $0, length) == 0 && listen(listener, 64) == 0)
        _ = getsockname(listener, $0, &length)
      }
    }
    self.listener = listener
    origin = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    Task { [threads, weak self] in
      try await threads.run { [weak self] _ in
        // Whoever accepts also closes: a number closed elsewhere may by then be another server's.
        defer { close(listener) }
        while true {
          let connection = accept(listener, nil, nil)
          guard connection >= 0 else { return }
          self?.serve(connection, answer)
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private func serve(_ connection: Int32, _ answer: (Ask) -> Answer?) {
    defer { close(connection) }
    var head: [UInt8] = []
    var byte: UInt8 = 0
    while !head.reversed().starts(with: [10, 13, 10, 13]) {
      guard recv(connection, &byte, 1, 0) == 1 else { return }
      head.append(byte)
    }
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    let from = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
      .flatMap { Int($0.drop { $0 != "=" }.dropFirst().prefix { $0 != "-" }) }
    let ask = asks.withLock { asks in
      let ask = Ask(
        number: asks.count, path: words.count > 1 ? String(words[1]) : "/", from: from)
      asks.append(ask)
      return ask
    }
    guard let answer = answer(ask) else { return }
    let header = ["HTTP/1.1 \(answer.status) X", "Connection: close"] + answer.fields
    var rest = Array((header.joined(separator: "\r\n") + "\r\n\r\n").utf8) + answer.body
    while !rest.isEmpty {
      let count = send(connection, rest, rest.count, Int32(MSG_NOSIGNAL))
      guard count > 0 else { return }
      rest.removeFirst(count)
    }
  }
}
