import CVips

// What computes pixels, and therefore what can be interrupted and what finds damage.
extension Image {
  /// Computes every pixel into memory; the source is closed when nothing else holds it.
  package func inMemory() throws(VipsError) -> Image {
    try check("copy_memory")
    let kind = pointer.pointee.dtype
    if kind == VIPS_IMAGE_SETBUF || kind == VIPS_IMAGE_SETBUF_FOREIGN { return self }
    guard let copy = LibraryCall.run({ vips_image_copy_memory(pointer) }) else {
      throw failure(.pixels, "copy_memory")
    }
    // Watched anew: it must not point at the source's progress once the source is gone.
    vips_image_set_progress(copy, 0)
    return Image(owning: copy, cancellation: cancellation)
  }

  /// Decodes every pixel and keeps none: finds damage behind the header. The error says how many rows
  /// were read before it.
  package func decodeAll() throws(VipsError) {
    try check("decode")
    guard let region = vips_region_new(pointer) else { throw failure(.pixels, "vips_region_new") }
    defer { g_object_unref(region) }
    let step = 8
    for top in stride(from: 0, to: height, by: step) {
      guard !cancellation.isCancelled else {
        throw VipsError(.interrupted, operation: "decode", detail: "interrupted")
      }
      var area = VipsRect(
        left: 0, top: Int32(top), width: Int32(width), height: Int32(min(step, height - top)))
      guard LibraryCall.run({ vips_region_prepare(region, &area) }) == 0 else {
        var error = failure(.pixels, "decode")
        error.rows = top
        throw error
      }
    }
  }

  /// The smallest sample of all bands.
  package func minimum() throws(VipsError) -> Double {
    try check("min")
    var minimum = 0.0
    guard LibraryCall.run({ swapline_vips_minimum(pointer, &minimum) }) == 0 else {
      throw failure(.pixels, "min")
    }
    return minimum
  }

  /// The largest sample of all bands.
  package func maximum() throws(VipsError) -> Double {
    try check("max")
    var maximum = 0.0
    guard LibraryCall.run({ swapline_vips_maximum(pointer, &maximum) }) == 0 else {
      throw failure(.pixels, "max")
    }
    return maximum
  }

  /// The samples, `bands` a pixel, rows from top to bottom without padding; 8 bits each.
  package func samples() throws(VipsError) -> [UInt8] {
    guard isEightBit else {
      throw VipsError(
        .pixels, operation: "write_to_memory", detail: "samples of \(bitDepth) bits, expected 8")
    }
    try check("write_to_memory")
    var size = 0
    guard let data = LibraryCall.run({ vips_image_write_to_memory(pointer, &size) }) else {
      throw failure(.pixels, "write_to_memory")
    }
    defer { g_free(data) }
    return Array(UnsafeRawBufferPointer(start: data, count: size))
  }

  /// Lends the samples to `body`, computed first where they are not in memory: 8 bits each, `bands` a
  /// pixel, rows from top to bottom without padding.
  package func withSamples<Result>(
    _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(VipsError) -> Result {
    guard isEightBit else {
      throw VipsError(
        .pixels, operation: "get_data", detail: "samples of \(bitDepth) bits, expected 8")
    }
    try check("get_data")
    guard let data = LibraryCall.run({ vips_image_get_data(pointer) }) else {
      throw failure(.pixels, "get_data")
    }
    return body(UnsafeRawBufferPointer(start: data, count: width * height * bands))
  }

  /// A picture in memory, laid out as in `withSamples`, that is like this one in everything but its size
  /// and its samples, which `fill` writes; nil where `fill` says that it could not.
  package func like(
    width: Int, height: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Bool
  ) throws(VipsError) -> Image? {
    let space = vips_image_get_interpretation(pointer)
    let image = try Image.filled(width, height, bands, space, cancellation, fill)
    if orientation > 1, let raw = image?.pointer {
      vips_image_set_int(raw, VIPS_META_ORIENTATION, Int32(orientation))
    }
    return image
  }

  /// The encoded file, by libvips' saver for `suffix` with `options` in its `key=value,…` form.
  package func encoded(suffix: String, options: String) throws(VipsError) -> EncodedPicture {
    let name = options.isEmpty ? suffix : "\(suffix)[\(options)]"
    try check(name)
    var data: UnsafeMutableRawPointer?
    var size = 0
    guard LibraryCall.run({ swapline_vips_save(pointer, name, &data, &size) }) == 0, let data else {
      throw failure(.encode, name)
    }
    return EncodedPicture(owning: UnsafeRawBufferPointer(start: data, count: size))
  }

  /// Work on a small picture may be over before libvips looks at the flag for the first time.
  private func check(_ operation: String) throws(VipsError) {
    // Whatever earlier work left in libvips' error text is not about this picture.
    LibraryCall.emptyText()
    guard cancellation.isCancelled else { return }
    throw VipsError(.interrupted, operation: operation, detail: "interrupted")
  }
}

/// The bytes of an encoded picture.
package final class EncodedPicture {
  private let bytes: UnsafeRawBufferPointer

  /// The bytes where they are not libvips'.
  private let own: [UInt8]?

  init(owning bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    own = nil
  }

  /// Bytes that another encoder made.
  package init(_ bytes: [UInt8]) {
    own = bytes
    self.bytes = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  deinit {
    if own == nil { g_free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }
  }

  /// The length in bytes.
  package var count: Int { own?.count ?? bytes.count }

  /// Lends the bytes to `body`.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
    -> Result
  {
    try own?.withUnsafeBytes(body) ?? body(bytes)
  }
}
