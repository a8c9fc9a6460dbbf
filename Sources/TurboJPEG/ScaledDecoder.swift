import CTurboJPEG

/// Decodes JPEGs at eighths of their size, which costs a fraction of decoding them whole: the
/// inverse transform of each block gives fewer pixels.
package enum ScaledDecoder {
  /// The picture in `bytes` at `eighths` of its size, rounded up, as `make` makes it: it is told columns,
  /// rows and samples a pixel, 1 for gray or 3 for red, green and blue, and given what writes the samples
  /// of 8 bits, rows without gaps, and says whether it could.
  ///
  /// Nil for anything that is not a whole gray or YCbCr picture without a flaw, which is for a more
  /// patient decoder to judge.
  package static func decode<Picture>(
    _ bytes: [UInt8], eighths: Int,
    _ make: (
      _ width: Int, _ height: Int, _ bands: Int,
      _ fill: (UnsafeMutableRawBufferPointer) -> Bool
    ) throws -> Picture?
  ) rethrows -> Picture? {
    guard (1...8).contains(eighths), let handle = tjInitDecompress() else { return nil }
    defer { tjDestroy(handle) }
    var (width, height, subsampling, space) = (Int32(0), Int32(0), Int32(0), Int32(0))
    let size = UInt(bytes.count)
    guard
      tjDecompressHeader3(handle, bytes, size, &width, &height, &subsampling, &space) == 0,
      space == Int32(TJCS_GRAY.rawValue) || space == Int32(TJCS_YCbCr.rawValue)
    else { return nil }
    func scaled(_ side: Int32) -> Int { (Int(side) * eighths + 7) / 8 }
    let (columns, rows) = (scaled(width), scaled(height))
    let isGray = space == Int32(TJCS_GRAY.rawValue)
    let bands = isGray ? 1 : 3
    let format = isGray ? TJPF_GRAY.rawValue : TJPF_RGB.rawValue
    return try make(columns, rows, bands) { target in
      guard target.count >= columns * rows * bands else { return false }
      // Many scans of a small file are a way to keep a decoder busy for hours.
      return tjDecompress2(
        handle, bytes, size, target.baseAddress?.assumingMemoryBound(to: UInt8.self),
        Int32(columns), Int32(columns * bands), Int32(rows), Int32(bitPattern: UInt32(format)),
        TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) == 0
    }
  }
}
