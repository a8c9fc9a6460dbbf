import Core
import Foundation
import Imaging
import Processing
import TestSupport
import Testing

/// A folder that goes with its test, the fixtures, and short ways to ask for media work.
final class Workbench {
  private let own: TemporaryFolder
  var folder: String { own.path }
  let imaging = ImagingService()

  init() throws {
    own = try TemporaryFolder("imaging")
  }

  /// A path in the folder.
  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  @discardableResult func put(_ bytes: [UInt8], as name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func probe(_ file: String, decodesFully: Bool = false) throws -> Media {
    try imaging.probe(
      ProbeRequest(file: file, decodesFully: decodesFully), cancellation: Cancellation())
  }

  func normalize(_ file: String, _ limits: MediaLimits) throws -> NormalizeAnswer {
    try imaging.normalize(
      NormalizeRequest(file: file, output: path("normalized"), limits: limits),
      cancellation: Cancellation())
  }

  func render(_ file: String, _ renditions: [RenditionRequest]) throws -> [Rendered] {
    try imaging.render(
      RenderRequest(file: file, renditions: renditions), cancellation: Cancellation())
  }

  func pixels(_ file: String, colors: PixelColors = .sRGB) throws -> PixelPicture {
    try imaging.pixels(
      of: file, limits: DecodingGuard(), colors: colors, cancellation: Cancellation())
  }

  /// A picture whose bytes do not compress: each pixel is another colour.
  func noise(width: Int, height: Int) -> PixelPicture {
    var state: UInt32 = 7
    let rgb = (0..<width * height * 3).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    return PixelPicture(width: width, height: height, rgb: rgb)
  }

  @discardableResult func write(
    _ picture: PixelPicture, as name: String, _ format: MediaFormat, quality: Int? = nil
  ) throws -> String {
    _ = try imaging.write(
      picture, to: path(name), format: format, quality: quality, cancellation: Cancellation())
    return path(name)
  }

  /// The error of `work`, which has to be one that users see.
  func error(_ work: () throws -> Void) throws -> SwaplineError {
    try #require(throws: SwaplineError.self) { try work() }
  }

  /// The names of the files in the folder.
  var names: [String] { own.names }
}

extension PixelPicture {
  /// The red, green and blue of one pixel.
  func pixel(_ x: Int, _ y: Int) -> [Int] {
    (0..<3).map { Int(rgb[(y * width + x) * 3 + $0]) }
  }

  /// The mean difference of all samples from those of `other`.
  func difference(from other: PixelPicture) -> Double {
    let sum = zip(rgb, other.rgb).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    return Double(sum) / Double(max(1, rgb.count))
  }
}
