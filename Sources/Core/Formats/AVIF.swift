extension MediaFormat {
  /// AVIF (AV1 Image File Format 1.1).
  public static let avif = MediaFormat(
    name: "avif", mimeType: "image/avif", kinds: [.image], holdsAlpha: true,
    reader: .libvips("heifload"), maximumSide: 16_384,
    // libheif's encoder goes by the suffix; AV1 inside makes it an AVIF.
    encoding: Encoding(suffix: ".heic", defaultQuality: 60) { quality in
      "compression=av1,Q=\(quality),effort=2"
    },
    signature: { $0.hasBrand(["avif", "avis"]) })
}
