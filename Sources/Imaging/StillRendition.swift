import Core
import Processing
import Vips

/// One rendition of a decoded picture on its way to its file.
struct StillRendition {
  let order: RenditionRequest
  let placement: Placement
  /// The whole picture before it was scaled, in which faces are counted.
  let picture: Size
  let faces: [FaceBox]
  /// The sizes that were made of the picture before, and those that will be.
  let cascade: Cascade
  let cancellation: Cancellation
  var image: Image
  /// What was done so far.
  var changes: [Change]

  static func scale(_ rendition: inout StillRendition) throws {
    rendition.image = try computing { try rendition.cascade.image(rendition.placement.scaled) }
  }

  static func frame(_ rendition: inout StillRendition) throws {
    let framing = Framing(
      rendition: rendition.order, placement: rendition.placement, picture: rendition.picture)
    rendition.image = try computing {
      try framing.apply(to: rendition.image, faces: rendition.faces)
    }
  }

  static func operate(_ rendition: inout StillRendition) throws {
    rendition.image = try PixelOperations(
      rendition.order.operations, cancellation: rendition.cancellation
    ).applied(to: rendition.image)
  }

  static func flatten(_ rendition: inout StillRendition) throws {
    let (format, background) = (rendition.order.format, rendition.order.background)
    guard rendition.image.hasAlpha, !format.holdsAlpha else { return }
    rendition.image = try computing { try rendition.image.flattened(onto: background) }
    rendition.changes.append(
      .flattened(onto: background, reason: "\(format) holds no transparency"))
  }
}

/// Sizes of one picture, each made from the smallest one before it that has at least twice its
/// sides: as good as from the original, and much less to compute.
final class Cascade {
  private let original: Image
  private var made: [(size: Size, image: Image)] = []

  init(_ original: Image) {
    self.original = original
  }

  func image(_ size: Size) throws -> Image {
    if let same = made.first(where: { $0.size == size }) { return same.image }
    let source = made.last { $0.size.width >= 2 * size.width && $0.size.height >= 2 * size.height }
    let base = source?.image ?? original
    guard base.width != size.width || base.height != size.height else { return base }
    let image = try base.scaled(width: size.width, height: size.height)
    made.append((size, image))
    return image
  }
}
