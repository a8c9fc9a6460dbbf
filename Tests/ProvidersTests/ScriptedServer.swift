import Glibc
import Synchronization
import TestSupport

extension ScriptedServer {
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

  /// Plays one move a connection; the last one again when there are more connections than moves.
  convenience init(_ moves: [Move]) {
    let count = Atomic(0)
    self.init(readsBodies: true) { connection in
      let number = count.wrappingAdd(1, ordering: .relaxed).oldValue
      connection.play(moves[min(number, moves.count - 1)])
    }
  }
}

extension ScriptedServer.Connection {
  fileprivate func play(_ move: ScriptedServer.Move) {
    switch move {
    case .late(let milliseconds, let body):
      usleep(milliseconds * 1_000)
      play(.reply(200, body))
    case .reply(let status, let body, let headers):
      var text = "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n"
      text += "Content-Type: application/json\r\nConnection: close\r\n"
      for (name, value) in headers { text += "\(name): \(value)\r\n" }
      send(text + "\r\n" + body)
    case .raw(let text): send(text)
    case .hangUp: break
    case .silence: waitForHangup()
    }
  }
}

/// A port of this machine where nobody listens.
func closedPort() -> Int {
  let server = ScriptedServer([.hangUp])
  server.stop()
  return server.port
}
