extension MediaFormat {
  /// JPEG (ITU-T T.81): photographs, without transparency.
  public static let jpg = MediaFormat(
    name: "jpg", aliases: ["jpeg"], mimeType: "image/jpeg", kinds: [.image], holdsAlpha: false,
    reader: .libvips("jpegload"), maximumSide: 65_500,
    encoding: Encoding(suffix: ".jpg", defaultQuality: 85) { quality in
      "Q=\(quality),optimize_coding=true,interlace=false"
    },
    signature: { $0.starts(with: [0xFF, 0xD8, 0xFF]) })
}
