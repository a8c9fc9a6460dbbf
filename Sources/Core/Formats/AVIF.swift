extension MediaFormat {
  /// AVIF (AV1 Image File Format 1.1).
  public static let avif = MediaFormat(
    name: "avif", mimeType: "image/avif", kinds: [.image, .animation], holdsAlpha: true,
    signature: { $0.hasBrand(["avif", "avis"]) })
}
