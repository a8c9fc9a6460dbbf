extension MediaFormat {
  /// GIF (GIF89a specification): up to 256 colours a frame, animation.
  public static let gif = MediaFormat(
    name: "gif", mimeType: "image/gif", kinds: [.image, .animation], holdsAlpha: true,
    signature: { $0.has("GIF87a") || $0.has("GIF89a") })
}
