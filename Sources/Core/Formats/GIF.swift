extension MediaFormat {
  /// GIF (GIF89a specification): up to 256 colours a frame, animation.
  public static let gif = MediaFormat(
    name: "gif", mimeType: "image/gif", kinds: [.image, .animation], holdsAlpha: true,
    // Photographs look better without the grain of dithering, and come out a third smaller.
    encoding: Encoding(suffix: ".gif") { _ in "effort=7,dither=0" },
    signature: { $0.has("GIF87a") || $0.has("GIF89a") })
}
