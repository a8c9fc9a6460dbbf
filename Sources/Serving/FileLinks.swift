import Core
import Hosting
import MicroHTTPD
import Synchronization

/// Signed addresses of the server's files, for fetching and for putting; each ends at a stated time.
package final class FileLinks: Sendable {
  private let downloads: Signer
  private let uploads: Signer
  private let now: @Sendable () -> Int64
  private let base = Mutex("")

  /// Links signed with `key`, which has to stay the same for old links to work; `now` gives
  /// the time in seconds since 1970.
  init(key: [UInt8], now: @escaping @Sendable () -> Int64) {
    self.now = now
    downloads = Signer(key: key)
    // Another key, so that who may fetch a file may not put it.
    uploads = Signer(key: key + Array("upload".utf8))
  }

  /// The address that links begin with, without a slash at its end; set once the port is known.
  var origin: String {
    get { base.withLock { $0 } }
    set { base.withLock { $0 = newValue } }
  }

  /// Where the file `name` can be fetched until `expires`, in seconds since 1970.
  package func download(_ name: String, expires: Int64) -> String {
    address("/files", downloads, name, expires)
  }

  /// Where the file `name` can be put until `expires`, in seconds since 1970. The name's extension
  /// says of what type it has to be.
  package func upload(_ name: String, expires: Int64) -> String {
    address("/uploads", uploads, name, expires)
  }

  /// Whether the file `name` may be fetched with this query.
  func checkDownload(_ name: String, _ query: Query) -> SignedLinks.Verdict {
    SignedLinks(base: "", signer: downloads, now: now).check(name, query)
  }

  /// Whether the file `name` may be put with this query.
  func checkUpload(_ name: String, _ query: Query) -> SignedLinks.Verdict {
    SignedLinks(base: "", signer: uploads, now: now).check(name, query)
  }

  /// The name of the file that `url` leads to on this server, and whether it may be fetched; nil
  /// when the address leads elsewhere.
  func ownFile(_ url: String) -> (name: String, verdict: SignedLinks.Verdict)? {
    let prefix = origin + "/files/"
    guard url.hasPrefix(prefix) else { return nil }
    let rest = url.dropFirst(prefix.count)
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = PercentCoding.decode(parts.first ?? "") else { return nil }
    return (name, checkDownload(name, Query(parsing: parts.count == 2 ? parts[1] : "")))
  }

  private func address(
    _ path: String, _ signer: Signer, _ name: String, _ expires: Int64
  ) -> String {
    // With a clock that stands at zero a lifetime is the moment of its end.
    SignedLinks(base: origin + path, signer: signer, now: { 0 })
      .address(of: name, lifetime: TimeSpan(milliseconds: expires * 1_000)).url
  }
}
