import Core
import Processing
import Vips

/// Measures what a picture shows.
struct Measurer {
  let cancellation: Cancellation

  /// Enough to see a border and a product, and little to look at.
  private static let side = 1_000
  /// A pixel is white from here on in each sample: compression blurs.
  private static let white: UInt8 = 250

  /// The measures of the picture's first frame.
  func measure(_ request: MeasureRequest) throws -> PictureMeasures {
    let header = try Header.read(request.file, limits: request.limits)
    try cancellation.check()
    let whole = Size(header.uprightWidth, header.uprightHeight)
    let size =
      whole.long > Self.side
      ? whole.scaled(by: Double(Self.side) / Double(whole.long)) : whole
    let image = try Decoder(header: header, cancellation: cancellation).decode(to: size).image
    let samples = try computing { try image.toPlainSRGB().withAlpha().samples() }
    return Self.measures(samples, size)
  }

  private static func measures(_ samples: [UInt8], _ size: Size) -> PictureMeasures {
    let (width, height) = (size.width, size.height)
    let edge = max(1, size.long / 100)
    var (left, right, top, bottom) = (width, -1, height, -1)
    var (border, whiteBorder, clear) = (0, 0, 0)
    samples.withUnsafeBufferPointer { samples in
      for y in 0..<height {
        let isEdgeRow = y < edge || y >= height - edge
        for x in 0..<width {
          let at = (y * width + x) * 4
          let isClear = samples[at + 3] < 128
          let isWhite =
            isClear
            || samples[at] >= white && samples[at + 1] >= white && samples[at + 2] >= white
          if isClear { clear += 1 }
          if isEdgeRow || x < edge || x >= width - edge {
            border += 1
            if isWhite { whiteBorder += 1 }
          }
          guard !isWhite else { continue }
          (left, right) = (min(left, x), max(right, x))
          (top, bottom) = (min(top, y), max(bottom, y))
        }
      }
    }
    let fill =
      right < left
      ? 0
      : max(Double(right - left + 1) / Double(width), Double(bottom - top + 1) / Double(height))
    return PictureMeasures(
      whiteBorder: Double(whiteBorder) / Double(max(1, border)), fill: fill,
      clear: Double(clear) / Double(max(1, width * height)))
  }
}
