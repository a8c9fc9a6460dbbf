import CNettle

/// HMAC with SHA-256 (RFC 2104): a signature that only holders of the key can make.
package enum HMACSHA256 {
  /// The 32-byte code of `message` under `key`.
  package static func code(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var context = hmac_sha256_ctx()
    nettle_hmac_sha256_set_key(&context, key.count, key)
    nettle_hmac_sha256_update(&context, message.count, message)
    var code = [UInt8](repeating: 0, count: SHA256.byteCount)
    nettle_hmac_sha256_digest(&context, code.count, &code)
    return code
  }

  /// Whether `code` is the code of `message`, compared in constant time.
  package static func verify(_ code: [UInt8], of message: [UInt8], key: [UInt8]) -> Bool {
    let expected = Self.code(message, key: key)
    guard code.count == expected.count else { return false }
    var difference: UInt8 = 0
    for (a, b) in zip(code, expected) { difference |= a ^ b }
    return difference == 0
  }
}
