import Core
import MicroHTTPD

/// One vendor's wire format over the common task store: its paths, its fields, its codes.
///
/// A façade stands beside the wire types that it shares with the vendor's client, and is a line of
/// the provider's descriptor; the server, its OpenAPI document and its page follow from that.
package protocol Facade: Sendable {
  /// The provider's name, which tasks are marked with in the store.
  var name: String { get }

  /// The vendor's name, for people.
  var title: String { get }

  /// Where a request carries its key.
  var key: KeyField { get }

  /// Models that are no swaps, such as a detection of faces: they are not counted as swaps.
  var modelsWithoutSwap: Set<String> { get }

  /// The forms with which the page at `/` tries the vendor's models.
  var forms: [PageForm] { get }

  /// Where the page gets an address to upload to; nil for a vendor without storage.
  var uploads: PageUploads? { get }

  /// Where the page asks what a key has left; nil for a vendor that does not tell.
  var balance: PageBalance? { get }

  /// The vendor's paths as an OpenAPI document has them: path, then method in small letters.
  func paths(_ limits: InputLimits) -> [String: JSONValue]

  /// Adds the vendor's paths to `router`.
  func addRoutes(to router: inout Router, server: ServerContext)

  /// What a callback tells about a task that ended.
  func callback(_ task: TaskRecord, links: FileLinks) throws -> [UInt8]
}

extension Facade {
  package var modelsWithoutSwap: Set<String> { [] }
  package var uploads: PageUploads? { nil }
  package var balance: PageBalance? { nil }
}

extension [any Facade] {
  /// The vendors' names in a sentence.
  package var titles: String {
    let names = map(\.title)
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }
}

/// What every façade works with.
package struct ServerContext: Sendable {
  let facades: [any Facade]
  package let configuration: ServerConfiguration
  package let store: any TaskStore
  let accounts: Accounts
  package let links: FileLinks
  let vault: FileVault
  package let endings: TaskCompletionSignal
  let requests: RequestCounts
  package let uploads: UploadBook
  /// Says that a task was added. It returns at once: a client that hangs up cancels the handler of
  /// its request, and must not cancel the taking up of a task with it.
  let wake: @Sendable () -> Void
}
