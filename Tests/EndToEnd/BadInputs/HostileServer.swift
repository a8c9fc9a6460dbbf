import Foundation

/// A server on loopback that answers as badly as servers in the wild do. Under paths that begin with
/// `/crun-` it plays a provider's API.
final class HostileServer: Sendable {
  private let server = ScriptedServer(readsBodies: true) { connection in
    let request = Request(connection)
    if let vendor = HostileProvider(request) { vendor.answer(request) } else { answer(request) }
  }

  var port: Int { server.port }
  /// Its address, without a slash at the end.
  var origin: String { server.origin }

  /// How many requests came whose first line begins so.
  func count(_ line: String) -> Int { server.requests.count { $0.hasPrefix(line) } }

  /// One request and the connection on which to answer it.
  struct Request: Sendable {
    let connection: ScriptedServer.Connection
    let method: Substring
    let path: Substring

    init(_ connection: ScriptedServer.Connection) {
      self.connection = connection
      let words = connection.request.prefix { $0 != "\r\n" }.split(separator: " ")
      method = words.first ?? ""
      path = words.dropFirst().first.map { $0.prefix { $0 != "?" } } ?? ""
    }

    /// The first byte asked for; 0 where the whole is.
    var start: Int {
      let line = connection.request.split(separator: "\r\n").first {
        $0.lowercased().hasPrefix("range: bytes=")
      }
      return line.flatMap { Int($0.drop { $0 != "=" }.dropFirst().prefix { $0 != "-" }) } ?? 0
    }

    /// Answers; `length` is a lie about the body's.
    func answer(
      _ status: Int, _ body: some Collection<UInt8> = [], type: String = "text/plain",
      fields: [String] = [], length: Int? = nil
    ) {
      let header =
        [
          "HTTP/1.1 \(status) X", "Connection: close", "Content-Type: \(type)",
          "Content-Length: \(length ?? body.count)",
        ] + fields
      connection.send(header.joined(separator: "\r\n") + "\r\n\r\n")
      connection.send(body)
    }

    func redirect(to place: String) { answer(302, fields: ["Location: \(place)"]) }
  }

  static let photo = bytes("formats/orientation-1.jpg")
  static let portrait = bytes("scenes/portrait.jpg")

  private static func bytes(_ name: String) -> [UInt8] {
    [UInt8](FileManager.default.contents(atPath: fixture(name)) ?? Data())
  }

  private static func answer(_ request: Request) {
    let connection = request.connection
    switch request.path {
    case "/404.jpg", "/403.jpg", "/410.jpg", "/418.jpg", "/500.jpg":
      let status = Int(request.path.dropFirst().prefix(3)) ?? 500
      request.answer(status, Array("<html>sorry</html>".utf8), type: "text/html")
    case "/photo.jpg": request.answer(200, photo, type: "image/jpeg")
    case "/portrait.jpg": request.answer(200, portrait, type: "image/jpeg")
    case "/wakes.jpg":
      // Ill twice, then well.
      let isIll = connection.repetition < 2
      request.answer(isIll ? 503 : 200, isIll ? [] : photo, type: "image/jpeg")
    case "/loop.jpg": request.redirect(to: "/loop.jpg")
    case "/to-private.jpg": request.redirect(to: "http://10.0.0.1/a.jpg")
    case "/to-metadata.jpg": request.redirect(to: "http://169.254.169.254/latest/")
    case "/to-file.jpg": request.redirect(to: "file:///etc/passwd")
    case "/silent.jpg": connection.waitForHangup()
    case "/drip.jpg":
      connection.send("HTTP/1.1 200 X\r\nContent-Length: \(photo.count)\r\n\r\n")
      for byte in photo {
        guard connection.send([byte]) else { return }
        usleep(100_000)
      }
    case "/cut.jpg": cut(request)
    case "/always-cut.jpg":
      request.answer(200, photo.prefix(1_000), type: "image/jpeg", length: photo.count)
    case "/short.jpg": request.answer(200, photo.prefix(2_000), type: "image/jpeg")
    case "/vast.jpg":
      request.answer(200, photo.prefix(1_000), type: "image/jpeg", length: 10_000_000_000)
    case "/endless.jpg":
      connection.send("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
      let piece = Array("10000\r\n".utf8) + [UInt8](repeating: 255, count: 65_536) + [13, 10]
      while connection.send(piece) {}
    case "/page.jpg":
      request.answer(200, Array("<!doctype html><title>Log in</title>".utf8), type: "image/jpeg")
    case "/empty.jpg": request.answer(200, type: "image/jpeg")
    case "/garbage.jpg": connection.send("\u{0}\u{1}\u{2} this is not HTTP\r\n\r\n")
    default: request.answer(404)
    }
  }

  /// The first answer breaks off in the middle; later ones go on where they are asked to.
  private static func cut(_ request: Request) {
    let mark = ["ETag: \"one\"", "Accept-Ranges: bytes"]
    guard request.connection.repetition > 0 else {
      return request.answer(
        200, photo.prefix(photo.count / 2), type: "image/jpeg", fields: mark,
        length: photo.count)
    }
    let start = request.start
    let range = "Content-Range: bytes \(start)-\(photo.count - 1)/\(photo.count)"
    request.answer(
      start > 0 ? 206 : 200, photo.dropFirst(start), type: "image/jpeg",
      fields: start > 0 ? mark + [range] : mark)
  }
}
