extension MediaFormat {
  /// Windows bitmap.
  public static let bmp = MediaFormat(
    name: "bmp", mimeType: "image/bmp", kinds: [.image], holdsAlpha: false,
    // libvips reads it only through ImageMagick, which it does not trust.
    reader: .own, maximumSide: 65_535,
    signature: { head in
      // Two letters are weak evidence: the four reserved bytes behind the length are zero.
      head.has("BM") && head.count >= 26 && head[6..<10].allSatisfy { $0 == 0 }
    })
}
