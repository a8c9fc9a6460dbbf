import Core
import Imaging

/// Reads the frames of an animation.
final class AnimationReader: FrameReader {
  let width: Int
  let height: Int
  let loops: Int?
  let hasAlpha: Bool

  private let source: FrameSource
  private let delays: [Int]
  private var number = 0
  private var time: Int64 = 0

  /// A reader of `animation` from its first frame on.
  init(_ animation: Animation, _ cancellation: Cancellation) throws {
    width = animation.media.width
    height = animation.media.height
    loops = animation.media.loops
    hasAlpha = animation.media.hasAlpha
    delays = animation.delays
    source = try animation.content.frames(cancellation)
  }

  func next() throws -> Frame? {
    guard number < delays.count else { return nil }
    let duration = Int64(delays[number]) * 1_000
    let frame = Frame(width: width, height: height, start: time, duration: duration)
    guard try source.next(into: frame.pixels) else { return nil }
    number += 1
    time += duration
    return frame
  }
}
