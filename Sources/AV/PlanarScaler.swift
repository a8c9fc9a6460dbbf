import CAV

/// Scales pictures and turns them into what encoders take: luma and chroma of 8 bits, chroma at half
/// the sides, standard dynamic range, with opacity where it is kept. Not `Sendable`: one thread at a
/// time.
package final class PlanarScaler {
  private let resampling = Resampling()
  private let toneMap = ToneMap()

  private let format: AVPixelFormat
  private let quick: Quick?

  /// A quicker way for pictures that are stored as encoders take them: scales the planes of the first one into those
  /// of the second, and says whether it could.
  package typealias Quick = (_ source: Planes, _ target: Planes) -> Bool

  /// The planes of a picture of luma and chroma of 8 bits, chroma at half the sides.
  package struct Planes {
    /// Columns and rows of luma.
    package let width: Int
    package let height: Int
    /// The first sample of each plane.
    package let samples: [UnsafeMutablePointer<UInt8>]
    /// The bytes from one row to the next of each plane.
    package let strides: [Int]

    fileprivate init?(_ frame: DecodedFrame) {
      let picture = frame.pointer.pointee
      guard let luma = picture.data.0, let blue = picture.data.1, let red = picture.data.2 else {
        return nil
      }
      (width, height, samples) = (frame.width, frame.height, [luma, blue, red])
      strides = [picture.linesize.0, picture.linesize.1, picture.linesize.2].map { Int($0) }
    }
  }

  /// A scaler that is set up with the first picture it sees. `keepsAlpha` gives pictures an opacity.
  package init(keepsAlpha: Bool = false, quick: Quick? = nil) {
    self.quick = quick
    format = keepsAlpha ? AV_PIX_FMT_YUVA420P : AV_PIX_FMT_YUV420P
  }

  /// The tags that pictures made from `frame` have.
  package static func tags(of frame: DecodedFrame) -> ColorTags {
    ColorTags(frame).made
  }

  /// `frame` at another size, turned and mirrored after it is scaled. `width` and `height` are those
  /// before turning, and even.
  package func scale(
    _ frame: DecodedFrame, width: Int, height: Int, turning orientation: Orientation = .upright
  ) throws(AVError) -> DecodedFrame {
    let tags = Self.tags(of: frame)
    let source = try toneMap.apply(frame, width: width, height: height)
    let isReady =
      source.pointer.pointee.format == format.rawValue
      && source.pointer.pointee.color_range != AVCOL_RANGE_JPEG
      && source.width == width && source.height == height
    let scaled: DecodedFrame
    if isReady {
      // Of its own, because encoders write times into what they are given.
      scaled = try source.cropped(width: width, height: height)
    } else if let quick = try quickly(source, width, height) {
      scaled = quick
    } else {
      scaled = try resampling.apply(
        source, width: width, height: height, format: format,
        matrices: (tags.matrix, tags.matrix))
    }
    let turned = orientation == .upright ? scaled : try scaled.turned(orientation)
    tags.tag(turned)
    return turned
  }

  /// The picture scaled the quick way; nil where there is none for it.
  private func quickly(
    _ source: DecodedFrame, _ width: Int, _ height: Int
  ) throws(AVError) -> DecodedFrame? {
    let picture = source.pointer.pointee
    guard let quick, picture.format == AV_PIX_FMT_YUV420P.rawValue, format == AV_PIX_FMT_YUV420P,
      picture.color_range != AVCOL_RANGE_JPEG
    else { return nil }
    let result = try DecodedFrame(width: width, height: height, format: format)
    guard let from = Planes(source), let to = Planes(result), quick(from, to) else { return nil }
    result.start = source.start
    result.duration = source.duration
    return result
  }

  /// Samples of red, green, blue and opacity as a picture for encoding.
  ///
  /// `stride` is how many pixels lie from one row to the next, `width` where nothing is said; `tags`
  /// are those that the picture gets.
  package func scale(
    samples: UnsafeRawBufferPointer, width: Int, height: Int, stride: Int? = nil, toWidth: Int,
    toHeight: Int, tags: ColorTags = .standard
  ) throws(AVError) -> DecodedFrame {
    let frame = try DecodedFrame(width: width, height: height, format: AV_PIX_FMT_RGBA)
    guard let target = frame.pointer.pointee.data.0, let from = samples.baseAddress else {
      return frame
    }
    for row in 0..<height {
      let line = UnsafeMutableRawPointer(target) + row * Int(frame.pointer.pointee.linesize.0)
      line.copyMemory(from: from + row * (stride ?? width) * 4, byteCount: width * 4)
    }
    let scaled = try resampling.apply(
      frame, width: toWidth, height: toHeight, format: format,
      matrices: (tags.matrix, tags.matrix))
    tags.tag(scaled)
    return scaled
  }
}

extension DecodedFrame {
  /// The same planar picture of 8 bits as it is seen.
  func turned(_ orientation: Orientation) throws(AVError) -> DecodedFrame {
    let sides = orientation.sides(width, height)
    let format = AVPixelFormat(rawValue: pointer.pointee.format)
    let result = try DecodedFrame(width: sides.width, height: sides.height, format: format)
    result.start = start
    result.duration = duration
    withPlanes(pointer) { from in
      withPlanes(result.pointer) { to in
        for plane in 0..<4 {
          guard let source = from[plane], let target = to[plane] else { continue }
          let half = plane == 1 || plane == 2 ? 1 : 0
          orientation.turn(
            source, stride: stride(plane), width: (width + half) >> half,
            height: (height + half) >> half, into: target, stride: result.stride(plane))
        }
      }
    }
    return result
  }

  /// How many bytes lie from one row of a plane to the next.
  func stride(_ plane: Int) -> Int {
    let sizes = pointer.pointee.linesize
    return Int([sizes.0, sizes.1, sizes.2, sizes.3][plane])
  }
}
