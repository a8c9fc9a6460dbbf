import Foundation

/// OpenStack Swift with its S3 interface, one replica, on ports of its own.
public struct SwiftStorage: Sendable {
  /// Why it cannot be started here; nil where it can.
  public static let absence = Tool.absence(
    "swift-proxy-server", "swift-object-server", "swift-ring-builder", "memcached")

  /// The address of its S3 interface, and of its own.
  public let origin: String
  private let port: Int
  private let processes: [Started]
  private let ports: [Int]

  /// The keys, as AWS's tools find them.
  public static let environment = [
    "AWS_ACCESS_KEY_ID": "test:tester", "AWS_SECRET_ACCESS_KEY": "testing",
  ]

  private init() async throws {
    ports = Loopback.freePorts(5)
    port = ports[0]
    let folder = TestFolder.unique("swift")
    let root = String(#filePath.dropLast("/Tests/TestSupport/SwiftStorage.swift".count))
    let made = try await Started(
      "/bin/sh", [root + "/Scripts/swift-storage", folder] + ports.map(String.init)
    ).wait()
    guard made.status == 0 else { throw NotStarted(reason: made.messages) }
    func program(_ name: String) -> String {
      ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/"].map { $0 + name }
        .first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
    }
    var processes = [
      try Started(
        program("memcached"),
        (getuid() == 0 ? ["-u", "root"] : []) + ["-l", "127.0.0.1", "-p", "\(ports[4])"])
    ]
    for kind in ["object", "container", "account", "proxy"] {
      processes.append(
        try Started(
          program("swift-\(kind)-server"), ["\(folder)/etc/\(kind).conf"],
          in: URL(filePath: folder + "/etc")))
    }
    self.processes = processes
    origin = "http://127.0.0.1:\(port)"
  }

  /// One that answers. A port that was free a moment ago may be somebody else's by now: then its server
  /// ends, and all begin again.
  public static func started() async throws -> SwiftStorage {
    var ended = ""
    for _ in 0..<3 {
      let storage = try await SwiftStorage()
      var answers = true
      for port in storage.ports[0..<4] where answers {
        answers = await Loopback.answers(port, "/healthcheck", from: storage.processes)
      }
      if answers { return storage }
      ended = storage.processes.filter { !$0.isRunning }.map(\.messagesSoFar).joined()
      await storage.stop()
    }
    throw NotStarted(reason: "OpenStack Swift was started three times in vain: \(ended)")
  }

  /// Makes a bucket, by the storage's own interface.
  public func makeBucket(_ name: String) throws {
    _ = try ask("PUT", name)
  }

  /// Puts a text into a bucket under a percent-encoded name.
  public func put(_ bucket: String, _ name: String, _ text: String) throws {
    _ = try ask("PUT", "\(bucket)/\(name)", body: text)
  }

  /// Removes what is called so, percent-encoded, from a bucket.
  public func remove(_ bucket: String, _ name: String) throws {
    _ = try ask("DELETE", "\(bucket)/\(name)")
  }

  /// A bucket's list, as JSON.
  public func list(_ bucket: String) throws -> String {
    try ask("GET", "\(bucket)?format=json")
  }

  private func ask(_ method: String, _ path: String, body: String = "") throws -> String {
    let login = Loopback.ask(
      port, "GET", "/auth/v1.0", ["X-Auth-User": "test:tester", "X-Auth-Key": "testing"])
    let token = login?.split(separator: "\r\n")
      .first { $0.lowercased().hasPrefix("x-auth-token: ") }?.dropFirst(14)
    guard let token else { throw NotStarted(reason: "no token: \(login ?? "nothing")") }
    let answer = Loopback.ask(
      port, method, "/v1/AUTH_test/\(path)", ["X-Auth-Token": String(token)], body: body)
    guard let answer, answer.hasPrefix("HTTP/1.1 20"), let head = answer.firstRange(of: "\r\n\r\n")
    else { throw NotStarted(reason: "\(method) \(path): \(answer ?? "nothing")") }
    return String(answer[head.upperBound...])
  }

  /// Ends it.
  public func stop() async {
    // Asked kindly, they would wait for connections that our client keeps.
    for process in processes.reversed() {
      process.signal(SIGKILL)
      _ = await process.wait()
    }
  }
}
