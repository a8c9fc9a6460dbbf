extension MediaFormat {
  /// WebP (RFC 9649): lossy or lossless, with transparency and animation.
  public static let webp = MediaFormat(
    name: "webp", mimeType: "image/webp", kinds: [.image, .animation], holdsAlpha: true,
    encoding: Encoding(suffix: ".webp", defaultQuality: 80) { quality in
      "Q=\(quality),effort=4"
    },
    signature: { $0.has("RIFF") && $0.has("WEBP", at: 8) })
}
