import Foundation

/// nginx with WebDAV on a port of its own: `ada` with the password `pw` may write, everybody may read.
public struct NginxStorage: Sendable {
  /// Why it cannot be started here; nil where it can.
  public static let absence = Tool.absence("nginx")

  /// Its address.
  public let origin: String
  /// Where its files lie.
  public let folder: String
  private let process: Started

  private init() throws {
    let port = Loopback.freePorts(1)[0]
    let root = TestFolder.unique("nginx")
    for folder in ["data", "tmp"] {
      try FileManager.default.createDirectory(
        atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
    }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(root)/tmp;" }.joined(separator: " ")
    // As root, workers would be somebody else, who may not write there.
    let user = getuid() == 0 ? "user root;" : ""
    let text = """
      daemon off; \(user) worker_processes 1; pid \(root)/pid; error_log stderr;
      events { worker_connections 64; }
      http {
        access_log off; \(temporary) types { image/png png; }
        server {
          listen 127.0.0.1:\(port); root \(root)/data;
          location / {
            dav_methods PUT DELETE MKCOL;
            limit_except GET { auth_basic shelf; auth_basic_user_file \(root)/users; }
          }
          location /links/ {
            dav_methods PUT DELETE MKCOL;
            limit_except GET { auth_basic shelf; auth_basic_user_file \(root)/users; }
            secure_link $arg_md5,$arg_expires;
            secure_link_md5 "$secure_link_expires$uri hush";
            set $wrong "$request_method$secure_link";
            if ($wrong = GET) { return 403; }
            if ($wrong = GET0) { return 410; }
          }
        }
      }
      """
    try text.write(toFile: root + "/conf", atomically: true, encoding: .utf8)
    try "ada:{PLAIN}pw\n".write(toFile: root + "/users", atomically: true, encoding: .utf8)
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"]
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    process = try Started(program ?? "nginx", ["-p", root, "-c", root + "/conf"])
    origin = "http://127.0.0.1:\(port)"
    folder = root + "/data"
  }

  /// One that answers.
  public static func started() async throws -> NginxStorage {
    var ended = ""
    for _ in 0..<3 {
      let nginx = try NginxStorage()
      let port = Int(nginx.origin.split(separator: ":").last ?? "") ?? 0
      if await Loopback.answers(port, "/", from: [nginx.process]) { return nginx }
      ended = nginx.process.messagesSoFar
      await nginx.stop()
    }
    throw NotStarted(reason: "nginx was started three times in vain: \(ended)")
  }

  /// Ends it.
  public func stop() async {
    process.signal(SIGTERM)
    _ = await process.wait()
  }
}
