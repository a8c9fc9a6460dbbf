extension MediaFormat {
  /// GIF (GIF89a specification): up to 256 colours a frame, animation.
  public static let gif = MediaFormat(
    name: "gif", mimeType: "image/gif", kinds: [.image, .animation], holdsAlpha: true,
    // libvips' reader loses canvases and passes over what is cut off. Sides have 16 bits.
    reader: .own, maximumSide: 65_535,
    // Photographs look better without the grain of dithering, and come out a third smaller.
    encoding: Encoding(suffix: ".gif") { _ in "effort=7,dither=0" },
    // 16 bits of repetitions behind the first play; two hundredths of a second, which every player honours.
    animation: Animation(
      maximumPlays: 65_536, holdsHalfAlpha: false, shortestFrame: 20_000,
      shortestFrameReason: "gif shows no frame for less than 20 ms"),
    signature: { $0.has("GIF87a") || $0.has("GIF89a") })
}
