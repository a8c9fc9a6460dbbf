import Core
import Curl
import HTTP

/// Where the objects of a bucket lie.
struct S3Bucket: Sendable {
  /// How the bucket stands in an address.
  enum Style: String, Sendable, CaseIterable {
    /// `https://bucket.endpoint/key`.
    case virtual
    /// `https://endpoint/bucket/key`.
    case path
  }

  let name: String
  let endpoint: WebAddress
  let style: Style

  /// The address of the object called `key`, or of the bucket itself where that is empty. Throws
  /// `SwaplineError` when the endpoint and the bucket's name give none.
  func address(of key: String, query: String = "") throws(SwaplineError) -> WebAddress {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
      .map { PercentCoding.encode(String($0)) }
    let path = "/" + parts.joined(separator: "/")
    let text =
      style == .virtual
      ? "\(endpoint.scheme)://\(name).\(endpoint.authority)\(path)"
      : "\(endpoint.origin)/\(PercentCoding.encode(name))\(key.isEmpty ? "" : path)"
    do {
      return try WebAddress(text + query)
    } catch {
      throw SwaplineError(
        .usage, "The bucket '\(name)' at \(endpoint.origin) has no address. \(error.detail)",
        hint:
          "Check 'bucket' and 'endpoint'; 'style: path' keeps the bucket out of the host's name.")
    }
  }

  /// Why `name` is no bucket's; nil for one that may be. Some servers take more than AWS, so that only
  /// what breaks an address is refused.
  static func problem(with name: String) -> String? {
    let isWord =
      (1...255).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0)
          || [0x2D, 0x2E, 0x5F].contains($0)
      }
    return isWord
      ? nil : "A bucket's name must consist of letters, digits, '-', '.' and '_', not '\(name)'."
  }
}
