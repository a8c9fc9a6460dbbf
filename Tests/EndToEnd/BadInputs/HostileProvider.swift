import Glibc

/// A provider of CRUN's wire format with one bad habit. It fetches a task's files at once, as real ones
/// do: a submission in doubt is kept until that.
enum HostileProvider: String {
  case page = "crun-page"
  case ill = "crun-500"
  case hangsUp = "crun-hangs-up"
  case brokenJSON = "crun-broken-json"
  case busy = "crun-busy"
  case resultGone = "crun-result-gone"
  case resultPage = "crun-result-page"
  case resultFile = "crun-result-file"
  case unchanged = "crun-unchanged"
  case fails = "crun-fails"
  case stuck = "crun-stuck"
  case vanishes = "crun-vanishes"

  /// The provider whose name the path begins with.
  init?(_ request: HostileServer.Request) {
    self.init(rawValue: String(request.path.dropFirst().prefix { $0 != "/" }))
  }

  func answer(_ request: HostileServer.Request) {
    let isSubmission = request.method == "POST"
    if isSubmission, self != .busy { Self.fetchFiles(request.connection.request) }
    switch self {
    case .page: request.answer(200, Array("<html>It works!</html>".utf8), type: "text/html")
    case .ill: request.answer(500, Array("<html>oops</html>".utf8), type: "text/html")
    case .hangsUp: break
    case .brokenJSON: json("{\"code\": 200, \"data\": [1, 2", request)
    case .busy: request.answer(429, fields: ["Retry-After: 30"])
    case .vanishes where !isSubmission: break
    default:
      json(
        "{\"code\":200,\"message\":\"ok\",\"data\":\(isSubmission ? "{\"task_id\":\"t1\"}" : task(request))}",
        request)
    }
  }

  private func task(_ request: HostileServer.Request) -> String {
    let port =
      request.connection.request.split(separator: "\r\n").first {
        $0.lowercased().hasPrefix("host: ")
      }?.split(separator: ":").last ?? ""
    func result(_ url: String) -> String { "{\"code\":200,\"media_urls\":[\"\(url)\"]}" }
    func here(_ path: String) -> String { result("http://127.0.0.1:\(port)\(path)") }
    let (status, value) =
      switch self {
      case .resultGone: ("success", here("/410.jpg"))
      case .resultPage: ("success", here("/page.jpg"))
      case .resultFile: ("success", result("file:///etc/passwd"))
      case .unchanged: ("success", here("/portrait.jpg"))
      case .fails: ("failed", "{\"code\":501,\"message\":\"no face was found\"}")
      default: ("processing", "null")
      }
    return "{\"task_id\":\"t1\",\"status\":\"\(status)\",\"result\":\(value)}"
  }

  private func json(_ text: String, _ request: HostileServer.Request) {
    request.answer(200, Array(text.utf8), type: "application/json")
  }

  private static func fetchFiles(_ request: String) {
    for match in request.matches(of: #/http://127\.0\.0\.1:([0-9]+)(/[^"]+)/#) {
      if let port = UInt16(match.output.1) { fetch(String(match.output.2), port) }
    }
  }

  private static func fetch(_ path: String, _ port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { return }
    let request = Array(
      "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n".utf8)
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      return
    }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while recv(descriptor, &buffer, buffer.count, 0) > 0 {}
  }
}
