import CNettle

/// SHA-256 (FIPS 180-4) over bytes that arrive in pieces.
package struct SHA256 {
  /// Length of a digest in bytes.
  package static let byteCount = 32

  private var context = sha256_ctx()

  /// Starts an empty digest.
  package init() {
    nettle_sha256_init(&context)
  }

  /// Adds the next piece of the message.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    nettle_sha256_update(&context, bytes.count, base)
  }

  /// Ends the message and gives its 32 bytes; the context starts anew.
  package mutating func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Self.byteCount)
    nettle_sha256_digest(&context, digest.count, &digest)
    return digest
  }

  /// Ends the message and gives the first eight bytes of its digest, the first of them highest; the context
  /// starts anew.
  package mutating func finishHead() -> UInt64 {
    var head: UInt64 = 0
    withUnsafeMutableBytes(of: &head) { bytes in
      nettle_sha256_digest(
        &context, bytes.count, bytes.bindMemory(to: UInt8.self).baseAddress)
    }
    return UInt64(bigEndian: head)
  }

  /// The digest of a whole message.
  package static func digest(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.finish()
  }
}
