import AV
import Core

/// Decodes every picture of a video, to find damage that its container does not show.
struct VideoCheck {
  let video: Video

  /// Throws `SwaplineError` of code `damaged` for pictures that cannot be decoded as they were
  /// encoded.
  func check() throws {
    let decoder = try video.reading {
      try Decoder(video.fromStart(), video.track, maximumPixels: video.limits.maximumPixels)
    }
    var (count, damaged, first) = (0, 0, Int64(0))
    while let frame = try video.reading({ try decoder.next() }) {
      count += 1
      guard frame.isDamaged else { continue }
      if damaged == 0 { first = frame.start ?? 0 }
      damaged += 1
    }
    guard count > 0 else {
      throw SwaplineError(
        .damaged, "\(video.file.name) (\(video.format)) holds no picture that can be decoded.",
        hint: "The file is cut off or damaged: download or export it again.")
    }
    guard damaged > 0 else { return }
    let seconds = (Double(first) / 10_000).rounded() / 100
    throw SwaplineError(
      .damaged,
      "\(video.file.name) (\(video.format)) is damaged: \(damaged) of \(count) frames cannot be decoded "
        + "as they were encoded, the first of them at \(seconds) s.",
      hint: "Download or export it again.")
  }
}
