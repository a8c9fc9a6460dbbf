import AV
import Core

/// Brings a film's decoded pictures to what an encoder takes: the planned size, upright, painted over
/// where somebody paints, with their opacity or on a colour.
final class PictureFitting {
  /// What becomes of an opacity.
  enum Alpha: Equatable {
    /// There is none.
    case none
    case kept
    /// Clear pixels get a colour of three samples.
    case flattened([UInt8])
  }

  /// Changes pictures before they are encoded; nil leaves them as they are.
  let painter: (any FramePainter)?
  private let film: Film
  private let alpha: Alpha
  private let planes: PlanarScaler
  private let frames: UprightFrames

  init(_ film: Film, alpha: Alpha, painter: (any FramePainter)?) {
    self.film = film
    self.alpha = alpha
    self.painter = painter
    planes = PlanarScaler(keepsAlpha: alpha == .kept)
    frames = UprightFrames(film, width: film.square.width, height: film.square.height)
  }

  /// `frame` as it is encoded, of `width` x `height` as seen, or of the film's own size.
  func fitted(_ frame: DecodedFrame, _ size: (width: Int, height: Int)?) throws -> DecodedFrame {
    let size = size ?? film.shown
    if let painter {
      let upright = try frames.frame(frame)
      if try painter.paint(upright.pixels, width: upright.width, height: upright.height) {
        return try encodable(upright, size, of: frame)
      }
    }
    let stored = film.video.orientation.sides(size.width, size.height)
    let isSame = (frame.width, frame.height) == (stored.width, stored.height)
    if alpha == .none || (alpha == .kept && isSame) {
      return try film.reading {
        try planes.scale(
          cropped(frame, stored), width: stored.width, height: stored.height,
          turning: film.video.orientation)
      }
    }
    return try encodable(frames.frame(frame), size, of: frame)
  }

  /// A picture that is only odd loses its last column or row, and stays as sharp as it was.
  private func cropped(
    _ frame: DecodedFrame, _ stored: (width: Int, height: Int)
  ) throws(AVError) -> DecodedFrame {
    let width = frame.width - stored.width == 1 ? stored.width : frame.width
    let height = frame.height - stored.height == 1 ? stored.height : frame.height
    guard (width, height) != (frame.width, frame.height) else { return frame }
    return try frame.cropped(width: width, height: height)
  }

  private func encodable(
    _ upright: Frame, _ size: (width: Int, height: Int), of decoded: DecodedFrame
  ) throws -> DecodedFrame {
    var frame = upright
    if case .flattened(let background) = alpha { frame.flatten(onto: background) }
    // The same column or row goes as of pictures that are not painted.
    let isNarrow = frame.width - size.width == 1
    let isLow = frame.height - size.height == 1
    let left = isNarrow && film.video.orientation.startsRight ? 1 : 0
    let top = isLow && film.video.orientation.startsBelow ? 1 : 0
    if alpha == .kept, !isNarrow, !isLow {
      frame = try frame.scaled(width: size.width, height: size.height)
    }
    let samples = UnsafeRawBufferPointer(frame.pixels)
    return try film.reading {
      try planes.scale(
        samples: UnsafeRawBufferPointer(rebasing: samples[((top * frame.width + left) * 4)...]),
        width: isNarrow ? size.width : frame.width, height: isLow ? size.height : frame.height,
        stride: frame.width, toWidth: size.width, toHeight: size.height,
        tags: PlanarScaler.tags(of: decoded))
    }
  }
}
