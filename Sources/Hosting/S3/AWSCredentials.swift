import Core

/// A pair of keys that signs requests to an S3 storage, with a session's token where there is one.
struct AWSCredentials: Sendable {
  /// The part that names the account; it is sent with every request.
  var keyID: String
  var secret: Secret
  var sessionToken: Secret?
  /// When they end, in seconds since 1970; nil for keys that do not expire or do not say when.
  var expires: Int64?
  /// Where they were found, for errors.
  var source: String
}
