import CNettle

/// MD5 (RFC 1321), for protocols that want it as a check sum. It protects against nobody.
package enum MD5 {
  /// The 16-byte digest of a whole message.
  package static func digest(_ bytes: [UInt8]) -> [UInt8] {
    var context = md5_ctx()
    nettle_md5_init(&context)
    nettle_md5_update(&context, bytes.count, bytes)
    var digest = [UInt8](repeating: 0, count: 16)
    nettle_md5_digest(&context, digest.count, &digest)
    return digest
  }
}
