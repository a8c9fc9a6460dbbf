import Core
import Imaging
import Processing

/// Two moving pictures side by side: the frames of one, and what the other shows at the same time.
package struct FramePairs {
  /// The longest side of the frames of a video.
  static let maximumSide = 960
  /// The most frames that are looked at.
  static let most = 240

  /// Looks at one pair: the samples of both, RGBA of 8 bits, good until it returns.
  package typealias Look = (
    _ one: UnsafeMutableRawBufferPointer, _ width: Int, _ height: Int,
    _ other: UnsafeMutableRawBufferPointer, _ otherWidth: Int, _ otherHeight: Int
  ) throws -> Void
}

extension MotionService {
  /// Hands frames of the file `one` to `look`, evenly spread over the whole, each with what `other` shows at
  /// the middle of its time. False when either is a still picture; `look` is not called then.
  package func pairs(
    _ one: String, _ other: String, limits: DecodingGuard, cancellation: Cancellation,
    _ look: FramePairs.Look
  ) throws -> Bool {
    guard
      let first = try MovingPicture(one, limits: limits, cancellation: cancellation),
      let second = try MovingPicture(other, limits: limits, cancellation: cancellation)
    else { return false }
    let step = max(1, (try first.countedFrames() + FramePairs.most - 1) / FramePairs.most)
    let reader = try first.reader(maximumSide: FramePairs.maximumSide)
    let beside = try second.reader(maximumSide: FramePairs.maximumSide)
    var (shown, ahead) = (Frame?.none, try beside.next())
    var number = 0
    while let frame = try reader.next() {
      try cancellation.check()
      defer { number += 1 }
      let middle = frame.start + frame.duration / 2
      while let next = ahead, shown == nil || next.start <= middle {
        shown = next
        ahead = try beside.next()
      }
      guard number.isMultiple(of: step), let shown else { continue }
      meter?.note(frame.start, of: first.duration)
      try look(
        frame.pixels, frame.width, frame.height, shown.pixels, shown.width, shown.height)
    }
    return true
  }
}
