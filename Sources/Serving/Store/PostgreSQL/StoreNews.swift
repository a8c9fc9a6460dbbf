import Core
import Glibc
import PostgreSQL
import Synchronization

/// Hears from the other servers of a store that a task was taken or has ended, over a connection of its own.
final class StoreNews: Sendable {
  private static let channel = "swapline_store"
  private let address: String
  private let threads = ThreadPool(name: "store-news", width: 1)

  init(_ address: String) { self.address = address }

  /// Tells those who listen, once the transaction ends.
  static func tell(_ connection: PostgreSQLConnection) throws {
    try connection.query("SELECT pg_notify('\(channel)', '')")
  }

  /// Calls `tell` on each piece of news, and after each time in which some may have been missed, until the
  /// calling task is cancelled.
  func listen(_ tell: @escaping @Sendable () -> Void) async {
    let address = address
    _ = try? await threads.run { cancellation in
      while !cancellation.isCancelled {
        do {
          let connection = try PostgreSQLConnection(address)
          try connection.query("LISTEN \(Self.channel)")
          tell()
          while !cancellation.isCancelled {
            if try connection.wait(milliseconds: 200) { tell() }
          }
        } catch {
          usleep(200_000)
        }
      }
    }
  }
}
