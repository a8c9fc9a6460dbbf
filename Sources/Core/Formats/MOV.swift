extension MediaFormat {
  /// QuickTime.
  public static let mov = MediaFormat(
    name: "mov", mimeType: "video/quicktime", kinds: [.video], holdsAlpha: false,
    signature: { head in
      // Before there was `ftyp`, a file began with any of these atoms; a length that could be letters is a
      // text's.
      head.hasBrand(["qt  "])
        || head.first.map { $0 < 0x20 } == true
          && ["moov", "wide", "mdat", "pnot", "skip", "free"].contains { head.has($0, at: 4) }
    })
}
