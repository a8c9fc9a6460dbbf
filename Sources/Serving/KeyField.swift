import Core

/// Where a vendor's requests carry the key.
package struct KeyField: Sendable {
  /// The scheme's name in the OpenAPI document.
  package let scheme: String
  /// The header field.
  package let header: String
  /// What stands before the key in it, such as `Bearer `.
  package let prefix: String

  private init(_ scheme: String, _ header: String, _ prefix: String) {
    self.scheme = scheme
    self.header = header
    self.prefix = prefix
  }

  /// `Authorization: Bearer`, RFC 6750.
  package static let bearer = KeyField("bearer", "Authorization", "Bearer ")

  /// A field of the vendor's own that holds nothing but the key; `scheme` names it in the document.
  package static func field(_ header: String, scheme: String) -> KeyField {
    KeyField(scheme, header, "")
  }

  /// The scheme as the OpenAPI document describes it.
  var openAPI: JSONValue {
    prefix.isEmpty
      ? ["type": "apiKey", "in": "header", "name": .string(header)]
      : ["type": "http", "scheme": .string(scheme)]
  }
}
