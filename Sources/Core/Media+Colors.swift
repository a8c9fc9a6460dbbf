extension Media {
  /// Whether a picture is stored as renditions are: upright, 8 bits a sample, gray or RGB in sRGB or
  /// without a profile. Writing it again in its own format would only lose quality.
  public var isStoredPlainly: Bool {
    orientation == 1 && bitDepth <= 8 && (colorModel == .rgb || colorModel == .gray)
      && (profile.map { colorModel == .rgb && Self.namesSRGB($0) } ?? true)
  }

  /// Whether `profile` is the name of an ICC profile of sRGB.
  public static func namesSRGB(_ profile: String) -> Bool {
    // "c2" and "uRGB" are the names of two very short sRGB profiles that big services embed.
    profile.contains("sRGB") || profile == "c2" || profile == "uRGB"
  }
}
