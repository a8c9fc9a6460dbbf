import CDeflate

/// Compresses whole buffers into the zlib format (RFC 1950), as PNG and others store it.
///
/// One compressor serves one thread at a time.
package final class ZlibCompressor {
  private let compressor: OpaquePointer

  /// A compressor of level 1 (quick) to 12 (small).
  package init?(level: Int) {
    guard let compressor = libdeflate_alloc_compressor(Int32(level)) else { return nil }
    self.compressor = compressor
  }

  deinit {
    libdeflate_free_compressor(compressor)
  }

  /// The compressed bytes.
  package func compress(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let bound = libdeflate_zlib_compress_bound(compressor, bytes.count)
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      count = libdeflate_zlib_compress(
        compressor, bytes.baseAddress, bytes.count, buffer.baseAddress, bound)
    }
  }

  /// The CRC-32 of `bytes`, going on from `start`.
  package static func crc32(_ bytes: UnsafeRawBufferPointer, from start: UInt32 = 0) -> UInt32 {
    libdeflate_crc32(start, bytes.baseAddress, bytes.count)
  }
}
