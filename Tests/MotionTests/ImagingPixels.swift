import Core
import Imaging
import Processing

@testable import Motion

/// Reads a still picture as a frame.
enum ImagingPixels {
  static func read(_ path: String) throws -> Frame {
    let picture = try ImagingService().pixels(
      of: path, limits: DecodingGuard(), cancellation: Cancellation())
    return Frame(picture.width, picture.height) { x, y in
      let at = y * picture.width + x
      return (
        picture.rgb[at * 3], picture.rgb[at * 3 + 1], picture.rgb[at * 3 + 2],
        picture.alpha?[at] ?? 255
      )
    }
  }
}
