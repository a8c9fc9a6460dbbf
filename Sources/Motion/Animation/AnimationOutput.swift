import Core
import Imaging
import Processing

/// One animation that is made of frames, while it grows.
final class AnimationOutput {
  /// What is done to a frame; nil ends its way.
  private typealias Step = @Sendable (AnimationOutput) -> (Frame) throws -> Frame?

  /// What is done to each frame by the thread that reads, in this order.
  private static let reading: [Step] = [pick, paint]
  /// What is done to each frame beside the reading, in this order.
  private static let writing: [Step] = [merge, scale, operate, flatten, write]

  /// Which frames stay, and how long each is shown, in microseconds; nil keeps all as they are.
  var kept: [(frame: Int, duration: Int64)]?
  /// Changes frames before anything else is done to them.
  var filter: (any FrameFilter)?
  /// How long a frame is shown at least, in microseconds; shorter ones are merged.
  var shortest: Int64 = 0
  /// What clear pixels are flattened onto; nil leaves them clear.
  var background: [UInt8]?
  private let size: Size?
  private let operations: PixelOperations?
  private let writer: any FrameWriter
  private var (number, next, time) = (0, 0, Int64(0))
  /// The frame that waits until it is clear how long it is shown.
  private var waiting: Frame?
  private(set) var taken = 0
  private(set) var merged = 0

  /// An animation as `order` says. Throws `SwaplineError` of code `usage` for a format that holds no
  /// frames.
  init(_ order: FrameOrder) throws {
    writer = try order.writer()
    // What is done at the final size cannot wait until a writer scales.
    size = writer.scalesFrames && order.operations.isEmpty ? nil : order.size
    operations =
      order.operations.isEmpty
      ? nil : PixelOperations(order.operations, cancellation: order.cancellation)
  }

  /// Hands the frames of `reader`, which last `duration` microseconds, to all `outputs`; each file is
  /// whole, synced and under its name when this returns.
  static func write(
    _ outputs: [AnimationOutput], from reader: any FrameReader, lasting duration: Int64,
    cancellation: Cancellation, meter: MediaProgress.Meter?
  ) throws {
    // Writing goes on beside reading.
    try BoundedWorkQueue.running(depth: 4) { conveyor in
      while outputs.contains(where: \.wantsMore), let frame = try reader.next() {
        try cancellation.check()
        meter?.note(frame.start, of: duration)
        let read = try outputs.map { try $0.run(reading, frame) }
        try conveyor.submit {
          for case (let output, let frame?) in zip(outputs, read) {
            _ = try output.run(writing, frame)
          }
        }
      }
      for output in outputs { try output.filter?.check() }
    }
    for output in outputs { try output.finish() }
  }

  /// What became of the frames, once the file is whole.
  var changes: [Change] { writer.changes(of: taken - merged) }

  private var wantsMore: Bool { kept.map { next < $0.count } ?? true }

  private func run(_ steps: [Step], _ frame: Frame) throws -> Frame? {
    try steps.reduce(frame) { frame, step in try frame.flatMap(step(self)) }
  }

  private func pick(_ frame: Frame) -> Frame? {
    defer { number += 1 }
    guard let kept else { return frame }
    guard next < kept.count, kept[next].frame == number else { return nil }
    (frame.start, frame.duration) = (time, kept[next].duration)
    (next, time) = (next + 1, time + frame.duration)
    return frame
  }

  private func paint(_ frame: Frame) throws -> Frame? {
    _ = try filter?.apply(frame.pixels, width: frame.width, height: frame.height)
    return frame
  }

  private func merge(_ frame: Frame) -> Frame? {
    taken += 1
    guard let waiting, waiting.duration < shortest else { return frame }
    waiting.duration += frame.duration
    merged += 1
    return nil
  }

  private func scale(_ frame: Frame) throws -> Frame? {
    guard let size else { return frame }
    return try frame.scaled(width: size.width, height: size.height)
  }

  private func operate(_ frame: Frame) throws -> Frame? {
    try operations.map { try frame.operated($0) } ?? frame
  }

  /// Another output may hold the same frame: what goes on is this one's own.
  private func flatten(_ frame: Frame) -> Frame? {
    background.map(frame.flattened) ?? frame.copied
  }

  private func write(_ frame: Frame) throws -> Frame? {
    if let waiting { try writer.add(waiting) }
    waiting = frame
    return nil
  }

  private func finish() throws {
    if let waiting {
      waiting.duration = max(waiting.duration, shortest)
      try writer.add(waiting)
    }
    try writer.finish()
  }
}
