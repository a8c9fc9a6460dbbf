import AV
import Core

/// Reads the frames of an animated PNG, composed by libavcodec.
final class PNGFrameReader: FrameReader {
  let width: Int
  let height: Int
  let loops: Int?
  let hasAlpha: Bool

  private let animation: Animation
  private let decoder: Decoder
  private let scaler = Scaler()
  private var number = 0
  private var time: Int64 = 0

  /// A reader of `animation` from its first frame on.
  init(_ animation: Animation, halt: Halt) throws {
    self.animation = animation
    width = animation.media.width
    height = animation.media.height
    loops = animation.media.loops
    hasAlpha = animation.media.hasAlpha
    decoder = try animation.file.reading {
      // Played once here, however often the file says.
      let input = try InputFile(
        animation.file.path, options: ["ignore_loop": "1", "max_fps": "0", "default_fps": "0"],
        halt: halt)
      guard let video = input.video else {
        throw AVError(.open, operation: "apng", detail: "there are no pictures")
      }
      return try Decoder(input, video, threads: 1)
    }
  }

  func next() throws -> Frame? {
    guard number < animation.delays.count,
      let decoded = try animation.file.reading({ try decoder.next() })
    else { return nil }
    let duration = Int64(animation.delays[number]) * 1_000
    let frame = Frame(width: width, height: height, start: time, duration: duration)
    try animation.file.reading {
      try scaler.scale(decoded, width: width, height: height, into: frame.pixels)
    }
    number += 1
    time += duration
    return frame
  }
}
