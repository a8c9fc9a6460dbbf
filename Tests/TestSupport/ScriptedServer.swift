import Glibc
import Synchronization

/// A server on loopback that does to each connection what a closure says, right or wrong.
public final class ScriptedServer: Sendable {
  /// One connection whose request's header has been read.
  public struct Connection: Sendable {
    /// The socket.
    public let descriptor: Int32
    /// The header, and the body where the server reads bodies.
    public let request: String
    /// How many requests with the same first line came before this one.
    public let repetition: Int

    /// Sends these characters.
    public func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends these bytes; whether the client took all of them.
    @discardableResult
    public func send(_ bytes: some Collection<UInt8>) -> Bool {
      var rest = Array(bytes)[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }

    /// Reads until `count` bytes have come or the client is gone.
    public func receive(_ count: Int) -> Int {
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
    public func waitForHangup() {
      _ = receive(.max)
    }

    /// Ends the connection with a reset.
    public func reset() {
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(
        descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }
  }

  private struct State {
    var requests: [String] = []
    var isStopped = false
  }

  /// The port on 127.0.0.1.
  public let port: Int
  private let descriptor: Int32
  private let state = Mutex(State())
  private let readsBodies: Bool
  private let script: @Sendable (Connection) -> Void

  /// Its address, without a slash at the end.
  public var origin: String { "http://127.0.0.1:\(port)" }

  /// The requests that came, in order: their headers, with the bodies where those are read.
  public var requests: [String] { state.withLock { $0.requests } }

  /// Starts a server that reads each request's header, and with `readsBodies` as much behind it as
  /// Content-Length says, and hands the connection to `script`, which runs on a thread of its own.
  public init(
    readsBodies: Bool = false, _ script: @escaping @Sendable (Connection) -> Void
  ) {
    self.readsBodies = readsBodies
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
    stop()
  }

  /// Takes no further connection.
  public func stop() {
    let isFirst = state.withLock { state in
      defer { state.isStopped = true }
      return !state.isStopped
    }
    // Once: whoever accepts closes the socket then, and its number may be another's.
    if isFirst { shutdown(descriptor, Int32(SHUT_RDWR)) }
  }

  private func serve(_ descriptor: Int32) {
    defer { close(descriptor) }
    var header: [UInt8] = []
    var byte: UInt8 = 0
    while !header.reversed().starts(with: [10, 13, 10, 13]) {
      guard recv(descriptor, &byte, 1, 0) == 1 else { return }
      // A client that begins to speak TLS waits for an answer in it.
      guard !header.isEmpty || byte != 22 else { return }
      header.append(byte)
    }
    var text = String(decoding: header, as: UTF8.self)
    if readsBodies { text += body(descriptor, length: Self.length(text)) }
    let repetition = state.withLock { state in
      defer { state.requests.append(text) }
      return state.requests.count { Self.firstLine($0) == Self.firstLine(text) }
    }
    script(Connection(descriptor: descriptor, request: text, repetition: repetition))
  }

  private static func firstLine(_ request: String) -> Substring {
    request.prefix { $0 != "\r\n" }
  }

  private static func length(_ header: String) -> Int {
    header.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).filter(\.isNumber)) } ?? 0
  }

  private func body(_ descriptor: Int32, length: Int) -> String {
    var bytes = [UInt8](repeating: 0, count: length)
    var got = 0
    while got < length {
      let count = bytes.withUnsafeMutableBytes {
        recv(descriptor, $0.baseAddress?.advanced(by: got), length - got, 0)
      }
      guard count > 0 else { break }
      got += count
    }
    return String(decoding: bytes[..<got], as: UTF8.self)
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
