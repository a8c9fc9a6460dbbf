import CVips

// What changes how samples are stored, without changing what they mean.
extension Image {
  /// Samples of 16 or 32 bits brought to 8, rounded to the nearest.
  package func narrowedToEightBit() throws(VipsError) -> Image {
    guard !isEightBit else { return self }
    let largest = bitDepth == 16 ? 65_535.0 : 4_294_967_295.0
    // Half a step, because libvips cuts what stands behind the point.
    return try linear(by: 255 / largest, plus: 0.5, eightBit: true)
  }

  /// Unsigned samples of 32 bits, or floating-point ones from 0 to 1, brought to 16 bits; what lies
  /// outside is clipped.
  package func toSixteenBit(as space: ColorSpace) throws(VipsError) -> Image {
    let factor = sampleKind == .float ? 65_535.0 : 65_535.0 / 4_294_967_295.0
    let scaled = try linear(by: factor, plus: 0.5)
    let cast = try scaled.derive("cast") { swapline_vips_cast($0, VIPS_FORMAT_USHORT) }
    return try cast.understood(as: space)
  }

  /// Every sample times `factor` plus `offset`: floating-point numbers, or 8 bits, clipped.
  package func linear(
    by factor: Double, plus offset: Double, eightBit: Bool = false
  ) throws(VipsError) -> Image {
    try linear(by: [factor], plus: [offset], eightBit: eightBit)
  }

  /// The same with a factor and an offset for each band.
  package func linear(
    by factors: [Double], plus offsets: [Double], eightBit: Bool = false
  ) throws(VipsError) -> Image {
    let space = vips_image_get_interpretation(pointer)
    return try derive("linear") {
      swapline_vips_linear($0, factors, offsets, Int32(factors.count), eightBit ? 1 : 0)
    }.derive("copy") { swapline_vips_copy($0, space) }
  }

  /// The same samples, said to be of `space`.
  package func understood(as space: ColorSpace) throws(VipsError) -> Image {
    try derive("copy") { swapline_vips_copy($0, space.interpretation) }
  }

  /// Signed samples of 16 bits whose bits are unsigned numbers, as those.
  package func unsignedSixteenBit() throws(VipsError) -> Image {
    let count = Int32(bands)
    return try derive("copy") {
      swapline_vips_reinterpret($0, count, VIPS_FORMAT_USHORT, VIPS_INTERPRETATION_GREY16)
    }
  }

  /// The first three samples as CIE Lab in floating point: L 0 to 100, a and b around 0. The picture
  /// is packed Lab, Lab in 16 bits or Lab in floating point, as libvips reads TIFFs of Lab.
  package func labInFloat() throws(VipsError) -> Image {
    let colors = isPackedLab ? self : try bands(0, count: 3)
    guard isPackedLab else {
      if sampleKind == .float { return try colors.understood(as: .lab) }
      // LabS: L from 0 to 32767 is 0 to 100, a and b are in steps of 1/256.
      let factors = [100 / 32_767.0, 1 / 256.0, 1 / 256.0]
      return try colors.linear(by: factors, plus: [0, 0, 0]).understood(as: .lab)
    }
    // Unpacked here: libvips' own way loses a quarter of a step of lightness.
    let light = try derive("copy") {
      swapline_vips_reinterpret($0, 4, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_MULTIBAND)
    }.bands(0, count: 1).linear(by: 100 / 255, plus: 0)
    let signed = try derive("copy") {
      swapline_vips_reinterpret($0, 4, VIPS_FORMAT_CHAR, VIPS_INTERPRETATION_MULTIBAND)
    }.bands(1, count: 2)
    return try light.joined(with: signed).derive("cast") {
      swapline_vips_cast($0, VIPS_FORMAT_FLOAT)
    }.understood(as: .lab)
  }

  /// CIE Lab (D50) in floating point brought to sRGB of 8 bits, as a colour management system does
  /// with relative colorimetry. libvips itself takes Lab for D65.
  package func labToSRGB() throws(VipsError) -> Image {
    let xyz = try derive("colourspace") { swapline_vips_to_space($0, VIPS_INTERPRETATION_XYZ) }
    // XYZ (D50) to linear light in BT.709 primaries (IEC 61966-2-1, adapted by Bradford's method),
    // each column times D50 / D65 of libvips' own white, in hundredths.
    let rows = [
      [3.133_856_1, -1.616_866_7, -0.490_614_6], [-0.978_768_4, 1.916_141_5, 0.033_454_0],
      [0.071_945_3, -0.228_991_4, 1.405_242_7],
    ]
    let scale = [0.964_22 / 95.0470, 1 / 100.0, 0.825_21 / 108.8827]
    let matrix = rows.flatMap { row in zip(row, scale).map { $0 * $1 } }
    let linear = try xyz.derive("recomb") { swapline_vips_recombine($0, matrix) }
      .understood(as: .linear)
    return try linear.linearToSRGB()
  }

  /// Red, green and blue with the transfer function of sRGB in other primaries, brought to sRGB of 8
  /// bits; `matrix` makes linear light in BT.709 primaries of linear light in theirs, row by row.
  package func toSRGB(by matrix: [Double]) throws(VipsError) -> Image {
    try derive("colourspace") { swapline_vips_to_space($0, VIPS_INTERPRETATION_scRGB) }
      .derive("recomb") { swapline_vips_recombine($0, matrix) }
      .understood(as: .linear).linearToSRGB()
  }

  /// Luma and chroma of 8 bits in the full range, of BT.601, brought to red, green and blue.
  /// Source: TIFF 6.0, section 21.
  package func lumaAndChromaToRGB() throws(VipsError) -> Image {
    let matrix = [1, 0, 1.402, 1, -0.344_136, -0.714_136, 1, 1.772, 0]
    let offsets = [-1.402 * 128, (0.344_136 + 0.714_136) * 128, -1.772 * 128].map { $0 + 0.5 }
    return try derive("recomb") { swapline_vips_recombine($0, matrix) }
      .linear(by: [1, 1, 1], plus: offsets, eightBit: true).understood(as: .rgb)
  }

  /// Samples from 16 to 235 of 255, in 8 or 16 bits, brought to 8 bits from 0 to 255.
  package func fromNarrowRange() throws(VipsError) -> Image {
    let unit = isEightBit ? 1.0 : 256.0
    return try linear(
      by: 255 / (219 * unit), plus: -16.0 * 255 / 219 + 0.5, eightBit: true)
  }

  /// Linear light from 0 to 1 in BT.709 primaries brought to sRGB of 8 bits, rounded; gray stays gray.
  package func linearToSRGB() throws(VipsError) -> Image {
    guard bands >= 3 else {
      return try joined(with: self).joined(with: self).understood(as: .linear).linearToSRGB()
        .bands(0, count: 1).understood(as: .gray)
    }
    // By way of 16 bits, because the way to 8 cuts instead of rounding.
    return try derive("colourspace") { swapline_vips_to_space($0, VIPS_INTERPRETATION_RGB16) }
      .narrowedToEightBit().understood(as: .rgb)
  }
}

extension ColorSpace {
  var interpretation: VipsInterpretation {
    switch self {
    case .rgb: VIPS_INTERPRETATION_sRGB
    case .rgb16: VIPS_INTERPRETATION_RGB16
    case .gray: VIPS_INTERPRETATION_B_W
    case .gray16: VIPS_INTERPRETATION_GREY16
    case .cmyk: VIPS_INTERPRETATION_CMYK
    case .linear: VIPS_INTERPRETATION_scRGB
    case .lab: VIPS_INTERPRETATION_LAB
    case .other: VIPS_INTERPRETATION_MULTIBAND
    }
  }
}
