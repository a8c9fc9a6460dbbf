extension MediaFormat {
  /// TIFF (TIFF 6.0 and BigTIFF), as cameras and print shops hand it over.
  public static let tiff = MediaFormat(
    name: "tiff", aliases: ["tif"], mimeType: "image/tiff", kinds: [.image], holdsAlpha: true,
    holdsSixteenBits: true,
    // More than libvips holds.
    reader: .libvips("tiffload"), maximumSide: 10_000_000,
    signature: {
      $0.starts(with: [0x49, 0x49, 0x2A, 0x00]) || $0.starts(with: [0x4D, 0x4D, 0x00, 0x2A])
        || $0.starts(with: [0x49, 0x49, 0x2B, 0x00]) || $0.starts(with: [0x4D, 0x4D, 0x00, 0x2B])
    })
}
