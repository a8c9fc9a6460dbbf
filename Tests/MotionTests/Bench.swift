import Core
import Foundation
import Processing
import TestSupport
import Testing

@testable import Motion

/// A folder that is gone with its owner, and what tests do with media in it.
final class Bench: Sendable {
  private let own: TemporaryFolder
  var folder: String { own.path }

  init() throws {
    own = try TemporaryFolder("motion")
  }

  /// Where a file of this name would lie.
  func path(_ name: String) -> String { folder + "/" + name }

  /// Writes a moving rendition of `file`.
  func move(
    _ file: String, to name: String, side: Int? = nil, operations: [PixelOperation] = []
  ) throws -> Rendered {
    let format = try #require(MediaFormat.named(String(name.split(separator: ".").last ?? "")))
    let request = RenderRequest(
      file: file,
      renditions: [
        RenditionRequest(
          output: path(name), format: format, width: side, height: side, content: .moving,
          operations: operations)
      ])
    let made = try MotionService().render(request, cancellation: Cancellation())
    return try #require(made?.first)
  }

  /// Every frame of a video or animation.
  static func frames(_ file: String) throws -> [Frame] {
    try withPicture(file) { picture in
      let reader = try picture.reader()
      var frames: [Frame] = []
      while let frame = try reader.next() { frames.append(frame) }
      return frames
    }
  }

  static func withPicture<Result>(
    _ file: String, _ body: (MovingPicture) throws -> Result
  ) throws -> Result {
    let picture = try MovingPicture(
      file, limits: DecodingGuard(), cancellation: Cancellation())
    return try body(#require(picture))
  }
}

extension Frame {
  /// The mean absolute difference of the colours of two pictures; clear pixels count as white.
  func difference(_ other: Frame) -> Double {
    guard width == other.width, height == other.height else { return .infinity }
    var sum = 0
    for index in 0..<width * height {
      for band in 0..<3 {
        let a = pixels[index * 4 + 3] < 128 ? 255 : Int(pixels[index * 4 + band])
        let b = other.pixels[index * 4 + 3] < 128 ? 255 : Int(other.pixels[index * 4 + band])
        sum += abs(a - b)
      }
    }
    return Double(sum) / Double(width * height * 3)
  }

  /// A frame whose pixels `paint` gives as RGBA.
  convenience init(
    _ width: Int, _ height: Int, at start: Int64 = 0, for duration: Int64 = 100_000,
    paint: (_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8, UInt8)
  ) {
    self.init(width: width, height: height, start: start, duration: duration)
    for y in 0..<height {
      for x in 0..<width {
        let (red, green, blue, alpha) = paint(x, y)
        let at = (y * width + x) * 4
        pixels[at] = red
        pixels[at + 1] = green
        pixels[at + 2] = blue
        pixels[at + 3] = alpha
      }
    }
  }
}
