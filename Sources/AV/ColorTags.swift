import CAV

/// What the samples of a video mean, as its streams are tagged. Code points are those of
/// ITU-T H.273.
package struct ColorTags: Sendable, Hashable {
  /// The place of red, green and blue.
  var primaries: UInt32
  /// How light becomes samples.
  var transfer: UInt32
  /// How luma and chroma are mixed from red, green and blue.
  var space: UInt32

  /// High definition in standard dynamic range: BT.709 throughout.
  package static let standard = ColorTags(
    primaries: AVCOL_PRI_BT709.rawValue, transfer: AVCOL_TRC_BT709.rawValue,
    space: AVCOL_SPC_BT709.rawValue)

  init(primaries: UInt32, transfer: UInt32, space: UInt32) {
    (self.primaries, self.transfer, self.space) = (primaries, transfer, space)
  }

  /// The tags of `frame`; for one without, those that players assume: BT.601 up to standard
  /// definition, BT.709 above.
  package init(_ frame: DecodedFrame) {
    let picture = frame.pointer.pointee
    self.init(
      primaries: picture.color_primaries.rawValue, transfer: picture.color_trc.rawValue,
      space: picture.colorspace.rawValue, sides: (frame.width, frame.height))
  }

  /// The tags of a stream.
  init(_ codec: AVCodecParameters) {
    self.init(
      primaries: codec.color_primaries.rawValue, transfer: codec.color_trc.rawValue,
      space: codec.color_space.rawValue, sides: (Int(codec.width), Int(codec.height)))
  }

  private init(primaries: UInt32, transfer: UInt32, space: UInt32, sides: (Int, Int)) {
    self.init(primaries: primaries, transfer: transfer, space: space)
    let isLarge = sides.0 >= 1_280 || sides.1 > 576
    // Red, green and blue, such as a GIF's, get a matrix when they become luma and chroma.
    guard space == AVCOL_SPC_UNSPECIFIED.rawValue || space == AVCOL_SPC_RGB.rawValue else { return }
    self.space = (isLarge ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M).rawValue
    if self.primaries == AVCOL_PRI_UNSPECIFIED.rawValue {
      self.primaries = (isLarge ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M).rawValue
    }
    if self.transfer == AVCOL_TRC_UNSPECIFIED.rawValue {
      self.transfer = (isLarge ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M).rawValue
    }
  }

  /// The matrix, in libswscale's numbers.
  var matrix: Int32 { Int32(bitPattern: space) }

  /// Whether light is stored as PQ or HLG.
  package var isHDR: Bool {
    transfer == AVCOL_TRC_SMPTE2084.rawValue || transfer == AVCOL_TRC_ARIB_STD_B67.rawValue
  }

  /// Whether colours are those of BT.2020 without high dynamic range: a screen for BT.709 shows them
  /// pale unless they are converted.
  package var isWide: Bool { !isHDR && primaries == AVCOL_PRI_BT2020.rawValue }

  /// The tags of what is made of pictures with these: BT.709 where they are converted.
  var made: ColorTags { isHDR || isWide ? .standard : self }

  func tag(_ context: UnsafeMutablePointer<AVCodecContext>) {
    context.pointee.color_range = AVCOL_RANGE_MPEG
    context.pointee.colorspace = AVColorSpace(rawValue: space)
    context.pointee.color_primaries = AVColorPrimaries(rawValue: primaries)
    context.pointee.color_trc = AVColorTransferCharacteristic(rawValue: transfer)
  }

  func tag(_ frame: DecodedFrame) {
    frame.pointer.pointee.color_range = AVCOL_RANGE_MPEG
    frame.pointer.pointee.colorspace = AVColorSpace(rawValue: space)
    frame.pointer.pointee.color_primaries = AVColorPrimaries(rawValue: primaries)
    frame.pointer.pointee.color_trc = AVColorTransferCharacteristic(rawValue: transfer)
  }
}
