import CTurboJPEG

/// Decodes JPEGs at eighths of their size, which costs a fraction of decoding them whole: the
/// inverse transform of each block gives fewer pixels.
package enum ScaledDecoder {
  /// A decoded picture.
  package struct Picture {
    /// Columns.
    package let width: Int
    /// Rows.
    package let height: Int
    /// 1 for gray, 3 for red, green and blue.
    package let bands: Int
    /// Samples of 8 bits, rows without gaps.
    package let samples: [UInt8]
  }

  /// The picture in `bytes` at `eighths` of its size, rounded up; nil for anything that is not a
  /// whole gray or YCbCr picture without a flaw, which is for a more patient decoder to judge.
  package static func decode(_ bytes: [UInt8], eighths: Int) -> Picture? {
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
    var isWhole = false
    let samples = [UInt8](unsafeUninitializedCapacity: columns * rows * bands) { buffer, count in
      // Many scans of a small file are a way to keep a decoder busy for hours.
      let status = tjDecompress2(
        handle, bytes, size, buffer.baseAddress, Int32(columns), Int32(columns * bands),
        Int32(rows), Int32(bitPattern: UInt32(format)), TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS)
      isWhole = status == 0
      count = isWhole ? columns * rows * bands : 0
    }
    return isWhole ? Picture(width: columns, height: rows, bands: bands, samples: samples) : nil
  }
}
