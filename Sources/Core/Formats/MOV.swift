extension MediaFormat {
  /// QuickTime.
  public static let mov = MediaFormat(
    name: "mov", mimeType: "video/quicktime", kinds: [.video], holdsAlpha: false,
    signature: { $0.hasBrand(["qt  "]) || $0.has("moov", at: 4) || $0.has("wide", at: 4) })
}
