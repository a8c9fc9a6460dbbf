import Core
import Curl
import HTTP

/// An answer of an S3 storage that is not the wanted one, as an error for people.
struct S3Failure {
  let status: Int
  /// The storage's own code, such as `NoSuchBucket`; empty where it sent none.
  let code: String
  let message: String
  let region: String?
  let date: Int64?

  init(_ response: HTTPResponse) {
    let text = String(decoding: response.body.prefix(65_536), as: UTF8.self)
    status = response.status
    code = Self.element("Code", of: text) ?? ""
    message = Self.element("Message", of: text) ?? ""
    region = response.headers["x-amz-bucket-region"] ?? Self.element("Region", of: text)
    date = response.headers["Date"].flatMap { HTTPDate.parse($0) }
  }

  /// Whether the same request may be answered otherwise in a moment.
  var isTransient: Bool {
    [408, 429, 500, 502, 503, 504].contains(status) || code == "SlowDown"
  }

  static func element(_ name: String, of text: String) -> String? {
    guard let start = text.firstRange(of: "<\(name)>"),
      let end = text[start.upperBound...].firstRange(of: "</\(name)>")
    else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
  }

  /// The error of doing `what` at the host called `host`, signed with `credentials` at `now`.
  func error(
    _ what: String, host: String, bucket: S3Bucket, credentials: AWSCredentials,
    region used: String,
    now: Int64
  ) -> SwaplineError {
    let said = code.isEmpty ? "\(status)" : "\(status) \(code)"
    let start = "The storage of the host '\(host)' refused to \(what) (\(said))"
    switch code {
    case "SignatureDoesNotMatch":
      return SwaplineError(
        .unauthorized, "\(start): the secret key from \(credentials.source) is not the right one.",
        hint: "Check the secret key; 'region' must be the storage's too.")
    case "InvalidAccessKeyId", "InvalidToken":
      return SwaplineError(
        .unauthorized, "\(start): it does not know the keys from \(credentials.source).",
        hint: "Check AWS_ACCESS_KEY_ID, or the profile, and that the keys are this storage's.")
    case "ExpiredToken":
      return SwaplineError(
        .unauthorized,
        "\(start): the session's credentials from \(credentials.source) have expired.",
        hint: "Sign in again, and run the same command again.")
    case "RequestTimeTooSkewed":
      let minutes = date.map { abs($0 - now) / 60 }
      return SwaplineError(
        .unauthorized,
        "\(start): this machine's clock is \(minutes.map { "\($0) minutes" } ?? "too far") off.",
        hint: "Set the clock, for example with 'timedatectl set-ntp true'.")
    case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect":
      return SwaplineError(
        .usage,
        "\(start): the bucket '\(bucket.name)' is "
          + "\(region.map { "in the region '\($0)'" } ?? "elsewhere"), and '\(used)' was used.",
        hint: "Write 'region: \(region ?? "…")' in the host's settings.")
    case "NoSuchBucket":
      return SwaplineError(
        .usage, "\(start): there is no bucket '\(bucket.name)'.",
        hint: "Make it first, or check 'bucket' and 'endpoint'.")
    case "AccessDenied":
      return SwaplineError(
        .unauthorized,
        "\(start): the keys from \(credentials.source) may not do that in '\(bucket.name)'.",
        hint: "They need s3:PutObject, s3:GetObject and s3:DeleteObject for the bucket's objects.")
    case "XAmzContentSHA256Mismatch", "BadDigest":
      return SwaplineError(
        .network, "\(start): other bytes arrived than were sent.",
        hint: "Something between here and the storage changes what is sent.")
    default:
      let words = message.isEmpty ? "" : ": \(message.prefix(300))".hidingQueries
      return SwaplineError(
        isTransient ? .unavailable : .refusedByProvider, start + words + ".",
        hint: isTransient ? "Try again later." : "Check 'endpoint', 'region' and 'bucket'.")
    }
  }
}
