import Core
import MicroHTTPD

/// One vendor's wire format over the common task store: its paths, its fields, its codes.
///
/// A façade is one file in this folder and one line in `WireServer.facades`.
protocol Facade: Sendable {
  /// The name that tasks are marked with in the store.
  var name: String { get }

  /// The vendor's paths as an OpenAPI document has them: path, then method in small letters.
  func paths(_ limits: InputLimits) -> [String: JSONValue]

  /// Adds the vendor's paths to `router`.
  func addRoutes(to router: inout Router, house: House)

  /// What a callback tells about a task that ended.
  func callback(_ task: TaskRecord, links: FileLinks) throws -> [UInt8]
}

/// What every façade works with.
struct House: Sendable {
  let configuration: ServerConfiguration
  let store: TaskStore
  let accounts: Accounts
  let limiter: RateLimiter
  let links: FileLinks
  let vault: FileVault
  let endings: Endings
  let requests: RequestCounts
  let uploads: UploadBook
  /// Says that a task was added. It returns at once: a client that hangs up cancels the handler of
  /// its request, and must not cancel the taking up of a task with it.
  let wake: @Sendable () -> Void
}
