import CVips

/// Reads a picture of 8-bit samples from top to bottom, a few rows at a time, so that an animation
/// of any length is never in memory as a whole. Not `Sendable`: one thread at a time.
public final class RowReader {
  private let image: Image
  private let region: UnsafeMutablePointer<VipsRegion>

  /// A reader of `image`, which was opened for sequential access.
  public init(_ image: Image) throws(VipsError) {
    guard image.isEightBit else {
      throw VipsError(
        .pixels, operation: "region", detail: "samples of \(image.bitDepth) bits, wanted 8")
    }
    guard let region = vips_region_new(image.pointer) else {
      throw image.failure(.pixels, "vips_region_new")
    }
    self.image = image
    self.region = region
  }

  deinit {
    g_object_unref(region)
  }

  /// Copies the rows from `top` on into `samples`, which has room for whole rows without gaps.
  public func read(
    rows count: Int, from top: Int, into samples: UnsafeMutableRawBufferPointer
  ) throws(VipsError) {
    guard !image.interrupt.isStopped else {
      throw VipsError(.interrupted, operation: "region", detail: "interrupted")
    }
    var area = VipsRect(left: 0, top: Int32(top), width: Int32(image.width), height: Int32(count))
    guard vips_region_prepare(region, &area) == 0 else {
      throw image.failure(.pixels, "vips_region_prepare")
    }
    let length = image.width * image.bands
    for row in 0..<count {
      guard let source = swapline_vips_row(region, 0, Int32(top + row)),
        let target = samples.baseAddress?.advanced(by: row * length)
      else { continue }
      target.copyMemory(from: source, byteCount: length)
    }
  }
}
