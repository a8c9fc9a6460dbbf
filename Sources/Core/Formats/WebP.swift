extension MediaFormat {
  /// WebP (RFC 9649): lossy or lossless, with transparency and animation.
  public static let webp = MediaFormat(
    name: "webp", mimeType: "image/webp", kinds: [.image, .animation], holdsAlpha: true,
    // Sides have 14 bits, plays 16 (RFC 9649, chunks `VP8X` and `ANIM`).
    reader: .libvips("webpload"), maximumSide: 16_383,
    encoding: Encoding(suffix: ".webp", defaultQuality: 80) { quality in
      "Q=\(quality),effort=4"
    },
    animation: Animation(maximumPlays: 65_535),
    signature: { $0.has("RIFF") && $0.has("WEBP", at: 8) })
}
