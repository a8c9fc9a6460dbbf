extension MediaFormat {
  /// MP4 (ISO/IEC 14496-14) and its relatives: 3GPP's and 3GPP2's files of telephones (TS 26.244,
  /// C.S0050), fragments (CMAF, DASH), Sony's and Adobe's.
  public static let mp4 = MediaFormat(
    name: "mp4", aliases: ["m4v"], mimeType: "video/mp4", kinds: [.video], holdsAlpha: false,
    signature: {
      $0.hasBrand(
        Set([
          "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "mp41", "mp42",
          "mp71",
          "avc1", "M4V ", "M4VH", "M4VP", "dash", "msdh", "cmfc", "cmf2", "piff", "MSNV", "XAVC",
          "f4v ",
          "3gp4", "3gp5", "3gp6", "3gp7", "3gp8", "3gp9", "3ge6", "3ge7", "3gg6", "3gr6", "3gs6",
          "3gs7",
          "3gt5", "3g2a", "3g2b", "3g2c", "mmp4", "kddi",
        ]))
    })
}
