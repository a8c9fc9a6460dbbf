import Core
import Imaging
import Processing

/// An animation whose facts were read and found to be within the guards.
struct Animation {
  let file: SniffedFile
  let media: Media
  /// Its frames.
  let content: AnimatedFile
  private let cancellation: Cancellation
  /// How long each frame is shown, in milliseconds, as browsers show it.
  let delays: [Int]
  /// How many frames had a delay of 10 ms or less, which browsers show for 100.
  let corrected: Int

  /// Reads the facts of the file at `path`; nil for a still picture or a video.
  init?(_ path: String, limits: DecodingGuard, cancellation: Cancellation) throws {
    file = try SniffedFile(path)
    guard file.mayMove else { return nil }
    guard
      let content = try ImagingService().animation(
        path, limits: limits, cancellation: cancellation)
    else { return nil }
    self.content = content
    self.cancellation = cancellation
    media = content.media
    let shown = Timeline.shown(media.delays ?? [])
    delays = shown.delays
    corrected = shown.corrected
  }

  /// How long it lasts, in microseconds.
  var duration: Int64 { Int64(delays.reduce(0, +)) * 1_000 }

  /// Reads its frames.
  func reader() throws -> any FrameReader {
    try AnimationReader(self, cancellation)
  }

  /// What is said where the delays that are shown are written.
  var correction: Change? {
    guard corrected > 0 else { return nil }
    return Change(
      .timing, from: "\(corrected) delays of 10 ms or less", to: "100 ms each",
      reason: "browsers show them so")
  }
}
