import Core
import FoundationEssentials
import Glibc
import MicroHTTPD

/// One line for each request: when, who, what, the answer's status and how long it took.
///
/// No line holds a key, a query or a body, so that none lets its reader fetch a file or use an
/// account. Lines are written on a thread of their own; while that is stuck, as with a pipe that
/// nobody reads, ten thousand wait, and the newest are left out.
package final class AccessLog: Sendable {
  private let lines: AsyncStream<AnsweredRequest>.Continuation
  private let writer: Task<Void, Never>

  /// A log that appends to the file at `path`, made for its owner alone when it is missing. Throws
  /// `SwaplineError`.
  package convenience init(path: String) throws(SwaplineError) {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw SwaplineError(
        .usage, "The access log \(path) cannot be written: \(String(cString: strerror(errno))).",
        hint: "Name a file in a folder that can be written.")
    }
    self.init(descriptor: file, isOwned: true)
  }

  /// A log on a stream that is open, such as standard error.
  package convenience init(descriptor: Int32) {
    self.init(descriptor: descriptor, isOwned: false)
  }

  private init(descriptor: Int32, isOwned: Bool) {
    let (stream, continuation) = AsyncStream.makeStream(
      of: AnsweredRequest.self, bufferingPolicy: .bufferingOldest(10_000))
    lines = continuation
    writer = Task {
      let threads = ThreadPool(name: "access log", width: 1)
      for await request in stream {
        let line = Array(Self.line(request, at: Date.now).utf8)
        _ = try? await threads.run { _ in write(descriptor, line, line.count) }
      }
      if isOwned { Glibc.close(descriptor) }
    }
  }

  deinit {
    lines.finish()
  }

  /// Adds a line.
  package func add(_ request: AnsweredRequest) {
    lines.yield(request)
  }

  /// Writes what waits, and ends.
  package func close() async {
    lines.finish()
    await writer.value
  }

  /// The line of a request: `2026-01-31T12:00:00Z 127.0.0.1 GET /healthz 200 0.002`. A dash stands
  /// for what is not known, and for the status of a client that hung up.
  static func line(_ request: AnsweredRequest, at time: Date) -> String {
    var path = ""
    for scalar in request.path.unicodeScalars.prefix(300) {
      // Nothing that a client sends ends a line or moves a terminal's cursor.
      path += (0x21...0x7E).contains(scalar.value) ? String(scalar) : "?"
    }
    let thousandths = Int(request.time / .milliseconds(1))
    let digits = String(1_000 + thousandths % 1_000).dropFirst()
    let parts = [
      time.formatted(.iso8601), request.client?.description ?? "-", request.method ?? "-", path,
      request.status.map { $0.description } ?? "-", "\(thousandths / 1_000).\(digits)",
    ]
    return parts.joined(separator: " ") + (request.isWhole ? "" : " cut off") + "\n"
  }
}
