import Core
import Glibc
import Synchronization

/// A server on loopback that gives files with ranges and entity tags, does each file's troubles
/// first, and counts every byte of a body that it sends.
final class FileServer: Sendable {
  /// What happens to one request instead of the file being given.
  enum Trouble: Sendable {
    /// This status with an empty body, so many milliseconds later.
    case status(Int, after: Int = 0)
    /// The connection ends after so many bytes of the body.
    case cut(after: Int)
    /// A redirect.
    case redirect(String)
    /// Nothing, until the client hangs up.
    case silence
    /// The file, without saying how long it is.
    case unannounced
    /// The file, so many milliseconds later.
    case late(Int)
  }

  /// One request that came.
  struct Request: Sendable, Hashable {
    var path: String
    /// The first byte asked for; nil for the whole file.
    var from: Int?
    /// Bytes of body that were sent.
    var sent = 0
  }

  private final class Book: Sendable {
    struct Entries {
      var files: [String: [UInt8]] = [:]
      var troubles: [String: [Trouble]] = [:]
      var requests: [Request] = []
    }
    let entries = Mutex(Entries())
  }

  let origin: String
  private let listener: Int32
  private let book = Book()
  private let accepting = ThreadPool(name: "file server", width: 1)
  private let threads = ThreadPool(name: "file server connections", width: 8)

  init() {
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
    Task { [accepting, threads, book] in
      try await accepting.run { _ in
        // Whoever accepts also closes: a number closed elsewhere may by then be another server's.
        defer { close(listener) }
        while true {
          let connection = accept(listener, nil, nil)
          guard connection >= 0 else { return }
          Task { try await threads.run { _ in Self.serve(connection, book) } }
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// Gives `bytes` under `name`, once `troubles` are over, and tells the address.
  @discardableResult
  func give(_ name: String, _ bytes: [UInt8], _ troubles: [Trouble] = []) -> String {
    book.entries.withLock { entries in
      entries.files["/" + name] = bytes
      entries.troubles["/" + name] = troubles
    }
    return "\(origin)/\(name)"
  }

  /// The requests for `name` so far.
  func requests(_ name: String) -> [Request] {
    book.entries.withLock { $0.requests.filter { $0.path == "/" + name } }
  }

  private static func serve(_ connection: Int32, _ book: Book) {
    defer { close(connection) }
    var head: [UInt8] = []
    var byte: UInt8 = 0
    while !head.reversed().starts(with: [10, 13, 10, 13]) {
      guard recv(connection, &byte, 1, 0) == 1 else { return }
      head.append(byte)
    }
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    let path = words.count > 1 ? String(words[1]) : "/"
    let asked = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
      .flatMap { Int($0.drop { $0 != "=" }.dropFirst().prefix { $0 != "-" }) }
    let condition = lines.first { $0.lowercased().hasPrefix("if-range: ") }?.dropFirst(10)
    let (number, file, trouble) = book.entries.withLock { entries in
      entries.requests.append(Request(path: path, from: asked))
      let hasTrouble = entries.troubles[path]?.isEmpty == false
      let trouble = hasTrouble ? entries.troubles[path]?.removeFirst() : nil
      return (entries.requests.count - 1, entries.files[path], trouble)
    }
    func write(_ bytes: [UInt8]) -> Int {
      max(0, Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)))
    }
    func header(_ status: Int, _ fields: String...) {
      let all = ["HTTP/1.1 \(status) X", "Connection: close"] + fields
      _ = write(Array((all.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    }
    func body(_ bytes: ArraySlice<UInt8>) {
      let count = write(Array(bytes))
      book.entries.withLock { $0.requests[number].sent += count }
    }
    guard let file else { return header(404, "Content-Length: 0") }
    let tag = "\"\(Digest(of: file).short)\""
    let start = condition.map { $0 == tag } == false ? nil : asked
    let rest = file[min(start ?? 0, file.count)...]
    var given = rest
    switch trouble {
    case .status(let status, let milliseconds):
      usleep(UInt32(milliseconds) * 1_000)
      return header(status, "Content-Length: 0")
    case .redirect(let target):
      return header(302, "Location: \(target)", "Content-Length: 0")
    case .silence:
      _ = recv(connection, &byte, 1, 0)
      return
    case .late(let milliseconds): usleep(UInt32(milliseconds) * 1_000)
    case .cut(let count): given = rest.prefix(count)
    case .unannounced:
      header(200)
      return body(rest)
    case nil: break
    }
    var fields = ["Content-Length: \(rest.count)", "ETag: \(tag)"]
    if let start {
      fields.append("Content-Range: bytes \(start)-\(file.count - 1)/\(file.count)")
    }
    header(start == nil ? 200 : 206, fields.joined(separator: "\r\n"))
    body(given)
  }
}
