extension MediaFormat {
  /// MP4 (ISO/IEC 14496-14).
  public static let mp4 = MediaFormat(
    name: "mp4", aliases: ["m4v"], mimeType: "video/mp4", kinds: [.video], holdsAlpha: false,
    signature: {
      $0.hasBrand(["isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "dash"])
    })
}
