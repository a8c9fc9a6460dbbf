extension MediaFormat {
  /// Matroska (RFC 9559).
  public static let mkv = MediaFormat(
    name: "mkv", mimeType: "video/x-matroska", kinds: [.video], holdsAlpha: false,
    signature: { $0.isMatroska(documentType: "matroska") })
}
