/// What the numbers of an `nclx` box say about the colours of a HEIC or AVIF without an ICC profile.
/// Source: ISO/IEC 23091-2 (coding-independent code points), tables 2 and 3.
struct CodedColors: Equatable {
  /// The number of the primaries.
  let primaries: Int
  /// The number of the transfer characteristics.
  let transfer: Int
  /// Whether the picture has luma only, which goes from 16 to 235 of 255.
  var isNarrowGray = false

  /// A name for what is not sRGB; nil for what is, or where nothing is said.
  var name: String? {
    guard toBT709 != nil else { return nil }
    return switch primaries {
    case 9: "BT.2020 (nclx)"
    case 12: "Display P3 (nclx)"
    default: nil
    }
  }

  /// Linear light in these primaries to linear light in BT.709's, row by row; nil where they are the
  /// same, not known, or of high dynamic range.
  var toBT709: [Double]? {
    // Light beyond white would have to be mapped first.
    guard remark == nil else { return nil }
    return switch primaries {
    case 9:
      [
        1.660_491_0, -0.587_641_1, -0.072_849_9, -0.124_550_5, 1.132_899_9, -0.008_349_4,
        -0.018_150_8, -0.100_578_9, 1.118_729_7,
      ]
    case 12:
      [
        1.224_940_2, -0.224_940_2, 0, -0.042_056_9, 1.042_056_9, 0, -0.019_637_6, -0.078_636_0,
        1.098_273_6,
      ]
    default: nil
    }
  }

  /// What a person should know of a transfer function that is not read; nil for the others.
  var remark: String? {
    switch transfer {
    case 16: "high dynamic range (PQ), read as if it were standard"
    case 18: "high dynamic range (HLG), read as if it were standard"
    default: nil
    }
  }
}
