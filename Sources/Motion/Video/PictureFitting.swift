import AV
import Core
import Imaging
import Zimg

/// Brings a video's decoded pictures to what an encoder takes: the planned size, upright, painted over
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

  /// One picture on its way.
  private struct Picture {
    var decoded: DecodedFrame
    let size: Size
    /// What it became in red, green, blue and opacity, upright; nil as long as nothing asks for that.
    var upright: Frame?
  }

  private typealias Step = @Sendable (PictureFitting) -> (inout Picture) throws -> Void

  /// What is done to each picture of a video before it is encoded, in this order.
  private static let steps: [Step] = [paint, separate, flatten, operate, scale]

  /// Changes pictures before they are encoded; nil leaves them as they are.
  let filter: (any FrameFilter)?
  private let operations: PixelOperations?
  private let video: Video
  private let alpha: Alpha
  private let planes: PlanarScaler
  private let frames: UprightFrames

  init(
    _ video: Video, alpha: Alpha, filter: (any FrameFilter)?, operations: PixelOperations? = nil
  ) {
    self.operations = operations
    self.video = video
    self.alpha = alpha
    self.filter = filter
    let bicubic = Bicubic()
    planes = PlanarScaler(keepsAlpha: alpha == .kept) { source, target in
      bicubic.scale(Bicubic.Planes(source), into: Bicubic.Planes(target))
    }
    frames = UprightFrames(video, width: video.square.width, height: video.square.height)
  }

  /// `frame` as it is encoded, of `size` as seen, or of the video's own size.
  func fitted(_ frame: DecodedFrame, _ size: Size?) throws -> DecodedFrame {
    var picture = Picture(decoded: frame, size: size ?? video.shown)
    for step in Self.steps { try step(self)(&picture) }
    return picture.decoded
  }

  private func paint(_ picture: inout Picture) throws {
    guard let filter else { return }
    let upright = try frames.frame(picture.decoded)
    if try filter.apply(upright.pixels, width: upright.width, height: upright.height) {
      picture.upright = upright
    }
  }

  /// Opacity is scaled and flattened in red, green and blue; all else in the planes that are stored.
  private func separate(_ picture: inout Picture) throws {
    let (decoded, stored) = (picture.decoded, stored(picture.size))
    let isSame = (decoded.width, decoded.height) == (stored.width, stored.height)
    guard picture.upright == nil, alpha != .none, alpha != .kept || !isSame else { return }
    picture.upright = try frames.frame(decoded)
  }

  private func flatten(_ picture: inout Picture) {
    if case .flattened(let background) = alpha { picture.upright?.flatten(onto: background) }
  }

  private func operate(_ picture: inout Picture) throws {
    guard let operations else { return }
    let upright = try picture.upright ?? frames.frame(picture.decoded)
    // One that is only odd is cut when it is encoded.
    let size =
      Size(upright.width, upright.height).even == picture.size.even
      ? Size(upright.width, upright.height) : picture.size
    picture.upright = try upright.scaled(width: size.width, height: size.height)
      .operated(operations)
  }

  private func scale(_ picture: inout Picture) throws {
    if let upright = picture.upright {
      picture.decoded = try encodable(upright, picture.size, of: picture.decoded)
      return
    }
    let stored = stored(picture.size)
    picture.decoded = try video.reading {
      try planes.scale(
        cropped(picture.decoded, stored), width: stored.width, height: stored.height,
        turning: video.track.orientation)
    }
  }

  private func stored(_ size: Size) -> (width: Int, height: Int) {
    video.track.orientation.sides(size.width, size.height)
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
    _ upright: Frame, _ size: Size, of decoded: DecodedFrame
  ) throws -> DecodedFrame {
    var frame = upright
    // The same column or row goes as of pictures that are not painted.
    let isNarrow = frame.width - size.width == 1
    let isLow = frame.height - size.height == 1
    let left = isNarrow && video.track.orientation.startsRight ? 1 : 0
    let top = isLow && video.track.orientation.startsBelow ? 1 : 0
    if alpha == .kept, !isNarrow, !isLow {
      frame = try frame.scaled(width: size.width, height: size.height)
    }
    let samples = UnsafeRawBufferPointer(frame.pixels)
    return try video.reading {
      try planes.scale(
        samples: UnsafeRawBufferPointer(rebasing: samples[((top * frame.width + left) * 4)...]),
        width: isNarrow ? size.width : frame.width, height: isLow ? size.height : frame.height,
        stride: frame.width, toWidth: size.width, toHeight: size.height,
        tags: PlanarScaler.tags(of: decoded))
    }
  }
}

extension Bicubic.Planes {
  init(_ planes: PlanarScaler.Planes) {
    self.init(
      width: planes.width, height: planes.height, samples: planes.samples, strides: planes.strides)
  }
}
