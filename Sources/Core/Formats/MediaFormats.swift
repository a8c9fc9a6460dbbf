extension MediaFormat {
  /// Every format that Swapline knows, in the order in which signatures are tried.
  ///
  /// `make lint` fails when a file of this folder is missing here.
  public static let all: [MediaFormat] = [
    .jpg,
    .png,
    .webp,
    .gif,
    .tiff,
    .bmp,
    .avif,
    .heic,
    .mov,
    .mp4,
    .webm,
    .mkv,
  ]
}
