import AV
import Core
import Imaging
import Processing
import Vips

/// An animation whose facts were read and found to be within the guards.
struct Animation {
  let file: MovingFile
  let media: Media
  /// How long each frame is shown, in milliseconds, as browsers show it.
  let delays: [Int]
  /// How many frames had a delay of 0 or 1 hundredth of a second, which browsers show for 10.
  let corrected: Int

  /// Reads the facts of the file at `path`; nil for a still picture or a film.
  init?(_ path: String, limits: DecodingGuard, cancellation: Cancellation) throws {
    file = try MovingFile(path)
    guard let format = file.format, format.kinds.contains(.animation) else { return nil }
    media = try ImagingService().probe(
      ProbeRequest(file: path, limits: limits), cancellation: cancellation)
    guard media.kind == .animation, let stored = media.delays else { return nil }
    let shown = Timeline.shown(stored, in: format)
    delays = shown.delays
    corrected = shown.corrected
  }

  /// Reads its frames.
  func reader(_ interrupt: Interrupt, _ halt: Halt) throws -> any FrameReader {
    media.format == .png
      ? try PNGFrameReader(self, halt: halt) : try StripReader(self, interrupt: interrupt)
  }
}
