import CVips

extension Image {
  /// Turned and mirrored as the EXIF orientation says; the orientation is then 1.
  ///
  /// Reads pixels out of order, so the picture has to be in memory or opened for random access.
  package func upright() throws(VipsError) -> Image {
    try derive("autorot") { swapline_vips_autorotate($0) }
  }

  /// The same picture, said to have an EXIF orientation of 1 (upright) to 8.
  package func oriented(_ orientation: Int) throws(VipsError) -> Image {
    let space = vips_image_get_interpretation(pointer)
    let copy = try derive("copy") { swapline_vips_copy($0, space) }
    vips_image_set_int(copy.pointer, VIPS_META_ORIENTATION, Int32(orientation))
    return copy
  }

  /// Converted to sRGB of 8 bits by the embedded profile, or by `fallback` (`srgb`, `cmyk`, `p3`
  /// are built in) where none is embedded. Opacity is kept.
  package func toSRGB(fallback: String?) throws(VipsError) -> Image {
    try derive("icc_transform") { swapline_vips_to_srgb_by_profile($0, 1, fallback) }
  }

  /// Converted to sRGB of 8 bits by the space alone, without a profile.
  package func toPlainSRGB() throws(VipsError) -> Image {
    let converted = try derive("colourspace") {
      swapline_vips_to_space($0, VIPS_INTERPRETATION_sRGB)
    }
    return try converted.toEightBit()
  }

  /// Samples of 8 bits; larger values are clipped.
  package func toEightBit() throws(VipsError) -> Image {
    try derive("cast") { swapline_vips_cast($0, VIPS_FORMAT_UCHAR) }
  }

  /// Transparent pixels mixed with a colour of 8-bit samples; the opacity is gone.
  package func flattened(onto background: [UInt8]) throws(VipsError) -> Image {
    let colour = (0..<3).map { $0 < background.count ? Double(background[$0]) : 255 }
    let flat = try derive("flatten") {
      swapline_vips_flatten($0, colour[0], colour[1], colour[2])
    }
    return try flat.toEightBit()
  }

  /// Scaled to exactly `width` x `height`. Transparent pixels do not bleed into opaque ones.
  package func resized(width: Int, height: Int) throws(VipsError) -> Image {
    guard width != self.width || height != self.height else { return self }
    let horizontal = Double(width) / Double(self.width)
    let vertical = Double(height) / Double(self.height)
    guard hasAlpha else {
      return try derive("resize") { swapline_vips_resize($0, horizontal, vertical) }
    }
    return
      try derive("premultiply") { swapline_vips_premultiply($0) }
      .derive("resize") { swapline_vips_resize($0, horizontal, vertical) }
      .derive("unpremultiply") { swapline_vips_unpremultiply($0) }
      .toEightBit()
  }

  /// Colours divided by their opacity, of as many bits as before.
  package func unpremultiplied() throws(VipsError) -> Image {
    let divided = try derive("unpremultiply") { swapline_vips_unpremultiply($0) }
    let rounded = try divided.linear(by: 1, plus: 0.5, eightBit: false)
    let format = bitDepth > 8 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR
    return try rounded.derive("cast") { swapline_vips_cast($0, format) }
  }

  /// The part that starts at `left`, `top`.
  package func cropped(left: Int, top: Int, width: Int, height: Int) throws(VipsError) -> Image {
    try derive("extract_area") {
      swapline_vips_crop($0, Int32(left), Int32(top), Int32(width), Int32(height))
    }
  }

  /// In the middle of `width` x `height` pixels, the rest filled with a colour of 8-bit samples.
  package func padded(
    width: Int, height: Int, background: [UInt8]
  ) throws(VipsError) -> Image {
    let colour = (0..<3).map { $0 < background.count ? Double(background[$0]) : 255 }
    return try derive("gravity") {
      swapline_vips_pad($0, Int32(width), Int32(height), colour[0], colour[1], colour[2])
    }
  }

  /// The part of `width` x `height` that catches the eye most: edges, skin, saturated colours.
  package func croppedToAttention(width: Int, height: Int) throws(VipsError) -> Image {
    try derive("smartcrop") { swapline_vips_attention($0, Int32(width), Int32(height)) }
  }

  /// What libvips' operation of this name makes of the picture, its other arguments by name in the
  /// text form of libvips' command line.
  package func operated(
    _ operation: String, _ arguments: [(name: String, value: String)]
  ) throws(VipsError) -> Image {
    LibraryCall.emptyText()
    return try derive(operation) { picture in
      Self.withStrings(arguments.map(\.name)) { names in
        Self.withStrings(arguments.map(\.value)) { values in
          swapline_vips_operate(picture, operation, names, values, Int32(arguments.count))
        }
      }
    }
  }

  private static func withStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>>) -> Result
  ) -> Result {
    let copies = texts.map { UnsafePointer(g_strdup($0)) }
    defer { for copy in copies { g_free(UnsafeMutableRawPointer(mutating: copy)) } }
    // One more, since an empty array has no address.
    let list = copies.compactMap { $0 } + [UnsafePointer(bitPattern: 8)].compactMap { $0 }
    return list.withUnsafeBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
  }

  /// The same picture with an opacity channel, opaque where there was none.
  package func withAlpha() throws(VipsError) -> Image {
    guard !hasAlpha else { return self }
    return try derive("addalpha") { swapline_vips_add_alpha($0) }
  }

  /// `count` samples of every pixel, beginning with number `first`.
  package func bands(_ first: Int, count: Int) throws(VipsError) -> Image {
    try derive("extract_band") { swapline_vips_bands($0, Int32(first), Int32(count)) }
  }

  /// The samples of both pictures in one, those of `other` last.
  package func joined(with other: Image) throws(VipsError) -> Image {
    try derive("bandjoin") { swapline_vips_join($0, other.pointer) }
  }

  /// The same pixels without metadata, except for `profile` (ICC) where it is given.
  package func withoutMetadata(
    profile: [UInt8]? = nil, xmp: [UInt8]? = nil
  ) throws(VipsError) -> Image {
    let space = vips_image_get_interpretation(pointer)
    let copy = try derive("copy") { swapline_vips_copy($0, space) }
    for name in copy.metadata where Image.isRemovable(name) {
      vips_image_remove(copy.pointer, name)
    }
    if let profile {
      profile.withUnsafeBytes {
        vips_image_set_blob_copy(copy.pointer, VIPS_META_ICC_NAME, $0.baseAddress, $0.count)
      }
    }
    xmp?.withUnsafeBytes {
      vips_image_set_blob_copy(copy.pointer, VIPS_META_XMP_NAME, $0.baseAddress, $0.count)
    }
    return copy
  }

  /// Width, height and the like are fields of the picture itself and cannot be removed.
  private static func isRemovable(_ name: String) -> Bool {
    let own: Set<String> = [
      "width", "height", "bands", "format", "coding", "interpretation", "xoffset", "yoffset",
      "xres", "yres", "filename",
    ]
    return !own.contains(name)
  }
}
