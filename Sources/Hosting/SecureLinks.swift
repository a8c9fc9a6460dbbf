import Core
import Curl
import FoundationEssentials
import HTTP
import Nettle

/// Addresses that nginx's `secure_link` lets through until a moment.
///
/// Source: "ngx_http_secure_link_module" of nginx's documentation. The server says
/// `secure_link $arg_md5,$arg_expires;` and `secure_link_md5 "$secure_link_expires$uri SECRET";`.
struct SecureLinks: Sendable {
  private let secret: Secret

  /// Nil where no secret is set; throws `SwaplineError` where the variable is empty.
  init?(_ settings: ValidHostSettings) throws {
    guard let name = settings.text("link_secret_variable") else { return nil }
    guard let secret = settings.given.environment[name], !secret.isEmpty else {
      throw SwaplineError(
        .unauthorized,
        "The secret for the addresses of the host '\(settings.given.name)' is missing: \(name) is not set.",
        hint: "Set it to the secret in nginx's secure_link_md5.")
    }
    self.secret = Secret(secret)
  }

  /// The address of `url` that works until `end`, in seconds since 1970.
  func address(of url: String, until end: Int64) throws -> String {
    let path = try WebAddress(url).path
    // nginx signs the path as it is after decoding.
    let plain = PercentCoding.decode(path) ?? path
    let sum = secret.expose { MD5.digest(Array("\(end)\(plain) \($0)".utf8)) }
    let code = Data(sum).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
    return "\(url)?md5=\(code)&expires=\(end)"
  }
}
