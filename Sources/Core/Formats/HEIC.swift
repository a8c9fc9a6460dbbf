extension MediaFormat {
  /// HEIC (ISO/IEC 23008-12 with HEVC): what telephones take.
  public static let heic = MediaFormat(
    name: "heic", aliases: ["heif"], mimeType: "image/heic", kinds: [.image], holdsAlpha: true,
    reader: .libvips("heifload"), maximumSide: 16_384,
    signature: {
      $0.hasBrand([
        "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "mif2", "msf1",
      ])
    })
}
