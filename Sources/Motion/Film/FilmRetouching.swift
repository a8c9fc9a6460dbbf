import AV
import Core

/// Hands a film's decoded pictures to a painter, upright and in red, green and blue.
final class FilmRetouching {
  let painter: any FramePainter
  private let film: Film
  private let toColors = Scaler()
  private let toPlanes = PlanarScaler()

  init(_ film: Film, painter: any FramePainter) {
    self.film = film
    self.painter = painter
  }

  /// The painted picture as it is encoded, of `width` x `height`; nil when the painter left it.
  func painted(_ frame: DecodedFrame, width: Int, height: Int) throws -> DecodedFrame? {
    let stored = Frame(width: frame.width, height: frame.height)
    try film.file.reading {
      try toColors.scale(frame, width: frame.width, height: frame.height, into: stored.pixels)
    }
    let rotation = film.video.rotation
    let upright = rotation == 0 ? stored : stored.turned(by: rotation)
    guard try painter.paint(upright.pixels, width: upright.width, height: upright.height) else {
      return nil
    }
    // A picture that is only odd loses its last column or row, as one that is not painted does.
    let (overWidth, overHeight) = (upright.width - width, upright.height - height)
    let isCut = (0...1).contains(overWidth) && (0...1).contains(overHeight)
    return try film.file.reading {
      try toPlanes.scale(
        samples: UnsafeRawBufferPointer(upright.pixels), width: isCut ? width : upright.width,
        height: isCut ? height : upright.height, stride: upright.width, toWidth: width,
        toHeight: height, tags: PlanarScaler.tags(of: frame))
    }
  }
}
