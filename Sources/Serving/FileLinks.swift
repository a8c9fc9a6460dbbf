import Core
import Curl
import Synchronization

/// Signed addresses of the server's files, which end at a stated time.
///
/// A signature holds for one method, one path, one ending and, for uploads, one content type.
final class FileLinks: Sendable {
  private let signer: Signer
  private let base = Mutex("")

  /// Links signed with `key`, which has to stay the same for old links to work.
  init(key: [UInt8]) {
    signer = Signer(key: key)
  }

  /// The address that links begin with, without a slash at its end; set once the port is known.
  var origin: String {
    get { base.withLock { $0 } }
    set { base.withLock { $0 = newValue } }
  }

  /// Where the file `name` can be fetched until `expires`, in seconds since 1970.
  func download(_ name: String, expires: Int64) -> String {
    address("/files/" + name, "GET", expires: expires, type: nil)
  }

  /// Where the file `name` of `type` can be put until `expires`, in seconds since 1970.
  func upload(_ name: String, type: String, expires: Int64) -> String {
    address("/uploads/" + name, "PUT", expires: expires, type: type)
  }

  /// Whether a link holds: nil when it does. The error's code is `unauthorized` for a wrong
  /// signature and `notFound` for one that has ended.
  func fault(_ method: String, path: String, query: Query, type: String? = nil) -> SwaplineError? {
    let expires = query["expires"].flatMap { Int64($0) } ?? 0
    let text = Self.text(method, path, expires, type)
    guard let signature = query["signature"], signer.verify(signature, of: text) else {
      return SwaplineError(.unauthorized, "the signature of the address is not valid.")
    }
    guard WallClock.seconds < expires else {
      return SwaplineError(.notFound, "the address ended at \(expires) (seconds since 1970).")
    }
    return nil
  }

  /// The name of the file that `url` leads to on this server; nil when it leads elsewhere, a failure
  /// when the link does not hold.
  func ownFile(_ url: String) -> Result<String, SwaplineError>? {
    let prefix = origin + "/files/"
    guard url.hasPrefix(prefix) else { return nil }
    let rest = url.dropFirst(prefix.count)
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts.first ?? "")
    let query = Query(parsing: parts.count == 2 ? parts[1] : "")
    if let fault = fault("GET", path: "/files/" + name, query: query) { return .failure(fault) }
    return .success(name)
  }

  private func address(_ path: String, _ method: String, expires: Int64, type: String?) -> String {
    let signature = signer.signature(of: Self.text(method, path, expires, type))
    return origin + path + "?expires=\(expires)&signature=\(signature)"
  }

  private static func text(
    _ method: String, _ path: String, _ expires: Int64, _ type: String?
  ) -> String {
    "\(method)\n\(path)\n\(expires)\n\(type ?? "")"
  }
}
