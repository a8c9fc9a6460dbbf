import Core
import HTTP

/// Makes addresses that nobody can guess, change or use after their time, and checks them.
///
/// The form is `BASE/NAME?expires=EPOCH&signature=HMAC`; the signature covers name and time.
package struct SignedLinks: Sendable {
  /// What a check finds.
  package enum Verdict: Sendable, Hashable {
    /// Made by this signer, and still good.
    case valid
    /// Made by this signer, and past its time.
    case expired
    /// Not made by this signer.
    case forged
  }

  /// What stands before the name, without a slash at the end: `http://127.0.0.1:8080/files`.
  package let base: String
  private let signer: Signer
  private let now: @Sendable () -> Int64

  /// Links below `base`. `now` gives the time in seconds since 1970.
  package init(
    base: String, signer: Signer = Signer(), now: @escaping @Sendable () -> Int64 = Clock.epoch
  ) {
    self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    self.signer = signer
    self.now = now
  }

  /// An address of `name` that is good for `lifetime`, rounded up to a whole second.
  package func address(of name: String, lifetime: TimeSpan) -> HostedAddress {
    let expires = now() + (lifetime.milliseconds + 999) / 1_000
    let query = Query([
      .init("expires", String(expires)), .init("signature", sign(name, expires)),
    ])
    return HostedAddress(
      url: "\(base)/\(PercentCoding.encode(name))?\(query.encoded)", expires: expires)
  }

  /// The name that an address made here has; nil for any other address.
  func name(in url: String) -> String? {
    guard url.hasPrefix(base + "/") else { return nil }
    let rest = url.dropFirst(base.count + 1).prefix { $0 != "?" }
    return PercentCoding.decode(String(rest))
  }

  /// Whether an address with this name and query was made here and is still good. The signature is
  /// compared in constant time, and before anything is said about the time.
  package func check(_ name: String, _ query: Query) -> Verdict {
    guard let text = query["expires"], let expires = Int64(text), String(expires) == text,
      let signature = query["signature"], signer.verify(signature, of: message(name, expires))
    else { return .forged }
    return now() < expires ? .valid : .expired
  }

  private func sign(_ name: String, _ expires: Int64) -> String {
    signer.signature(of: message(name, expires))
  }

  /// The time comes first and is a number, so that no name can pretend to be another.
  private func message(_ name: String, _ expires: Int64) -> String { "\(expires)\n\(name)" }
}
