import Core
import Imaging
import Vips

/// Reads the frames of a GIF or WebP: libvips composes them, one under the other, while rows are
/// asked for.
final class StripReader: FrameReader {
  let width: Int
  let height: Int
  let loops: Int?
  let hasAlpha: Bool

  private let animation: Animation
  private let rows: RowReader
  private var number = 0
  private var time: Int64 = 0

  /// A reader of `animation` from its first frame on.
  init(_ animation: Animation, interrupt: Interrupt) throws {
    self.animation = animation
    width = animation.media.width
    height = animation.media.height
    loops = animation.media.loops
    hasAlpha = animation.media.hasAlpha
    let loader: Loader = animation.media.format == .gif ? .gif : .webp
    rows = try animation.file.decoding {
      let strip = try Image.open(
        animation.file.path, with: loader, allFrames: true, interrupt: interrupt)
      return try RowReader(strip.toPlainSRGB().withAlpha())
    }
  }

  func next() throws -> Frame? {
    guard number < animation.delays.count else { return nil }
    let duration = Int64(animation.delays[number]) * 1_000
    let frame = Frame(width: width, height: height, start: time, duration: duration)
    try animation.file.decoding {
      try rows.read(rows: height, from: number * height, into: frame.pixels)
    }
    number += 1
    time += duration
    return frame
  }
}

extension MovingFile {
  /// Runs work that reads this file with libvips.
  func decoding<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as VipsError {
      let kind = format.map { " (\($0))" } ?? ""
      throw switch error.kind {
      case .interrupted: CancellationError() as any Error
      case .memory:
        SwaplineError(
          .limit, "\(name) needs more memory than media work may use.",
          hint: "Use a smaller animation, or allow more memory for media work.")
      default:
        SwaplineError(
          .damaged, "The frames of \(name)\(kind) cannot all be read: \(error.detail).",
          hint: "The file is cut off or damaged: download or export it again.")
      }
    }
  }
}
