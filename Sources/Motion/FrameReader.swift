import Core

/// A moving picture that is read frame by frame, so that memory holds a few frames and never all.
protocol FrameReader: AnyObject {
  /// Columns of every frame, upright.
  var width: Int { get }
  /// Rows of every frame, upright.
  var height: Int { get }
  /// How often it is played; 0 is for ever, nil for videos.
  var loops: Int? { get }
  /// Whether any frame may be transparent.
  var hasAlpha: Bool { get }

  /// The next frame in order of time; nil behind the last. Throws `SwaplineError` for damage, and
  /// `CancellationError` once the work was cancelled.
  func next() throws -> Frame?
}

/// A moving picture that is written frame by frame.
protocol FrameWriter: AnyObject {
  /// Takes the next frame. All have one size; each starts where the one before it ends.
  func add(_ frame: Frame) throws
  /// Ends the file. It is whole, synced and under its name only when this returns.
  func finish() throws
  /// Whether it brings frames to the ordered size itself, several at once.
  var scalesFrames: Bool { get }
  /// What became of `count` frames, once the file is whole.
  func changes(of count: Int) -> [Change]
}

extension FrameWriter {
  var scalesFrames: Bool { false }
  func changes(of count: Int) -> [Change] { [] }
}
