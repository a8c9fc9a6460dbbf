extension MediaFormat {
  /// PNG (ISO/IEC 15948): lossless, with transparency.
  public static let png = MediaFormat(
    name: "png", mimeType: "image/png", kinds: [.image, .animation], holdsAlpha: true,
    holdsSixteenBits: true,
    // More than libvips holds.
    reader: .libvips("pngload"), maximumSide: 10_000_000,
    // Level 6 with every filter tried a row: the smallest files before level 9's long waits.
    encoding: Encoding(suffix: ".png") { _ in "compression=6,filter=all" },
    // 31 bits (PNG specification, third edition, section 4.2).
    animation: Animation(maximumPlays: 2_147_483_647),
    signature: { $0.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) })
}
