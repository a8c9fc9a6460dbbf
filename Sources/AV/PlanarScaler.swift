import CAV

/// Scales pictures and turns them into what encoders take: luma and chroma of 8 bits, chroma at half
/// the sides, standard dynamic range. Not `Sendable`: one thread at a time.
public final class PlanarScaler {
  private let resampling = Resampling()
  private let toneMap = ToneMap()

  /// A scaler that is set up with the first picture it sees.
  public init() {}

  /// The tags that pictures made from `frame` have.
  public static func tags(of frame: DecodedFrame) -> ColorTags {
    let tags = ColorTags(frame)
    return tags.isHDR ? .standard : tags
  }

  /// `frame` at another size, turned clockwise by `degrees` after it is scaled. `width` and `height`
  /// are those before turning, and even.
  public func scale(
    _ frame: DecodedFrame, width: Int, height: Int, turning degrees: Int = 0
  ) throws(AVError) -> DecodedFrame {
    let tags = Self.tags(of: frame)
    let source = try toneMap.apply(frame, width: width, height: height)
    let isReady =
      source.pointer.pointee.format == AV_PIX_FMT_YUV420P.rawValue
      && source.pointer.pointee.color_range != AVCOL_RANGE_JPEG
      && source.width == width && source.height == height
    let scaled =
      // Of its own, because encoders write times into what they are given.
      isReady
      ? try source.cropped(width: width, height: height)
      : try resampling.apply(
        source, width: width, height: height, format: AV_PIX_FMT_YUV420P,
        matrices: (tags.matrix, tags.matrix))
    let turned = degrees == 0 ? scaled : try scaled.turned(by: degrees)
    tags.tag(turned)
    return turned
  }

  /// Samples of red, green, blue and opacity as a picture for encoding. Opacity is passed over.
  ///
  /// `stride` is how many pixels lie from one row to the next, `width` where nothing is said; `tags`
  /// are those that the picture gets.
  public func scale(
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
      frame, width: toWidth, height: toHeight, format: AV_PIX_FMT_YUV420P,
      matrices: (tags.matrix, tags.matrix))
    tags.tag(scaled)
    return scaled
  }
}

extension DecodedFrame {
  /// The same planar picture, turned clockwise by 90, 180 or 270 degrees.
  func turned(by degrees: Int) throws(AVError) -> DecodedFrame {
    let isSideways = degrees % 180 == 90
    let result = try DecodedFrame(
      width: isSideways ? height : width, height: isSideways ? width : height,
      format: AV_PIX_FMT_YUV420P)
    result.start = start
    result.duration = duration
    withPlanes(pointer) { from in
      withPlanes(result.pointer) { to in
        for plane in 0..<3 {
          guard let source = from[plane], let target = to[plane] else { continue }
          let half = plane == 0 ? 0 : 1
          Self.turn(
            source, stride: stride(plane), width: (width + half) >> half,
            height: (height + half) >> half, into: target, stride: result.stride(plane), degrees)
        }
      }
    }
    return result
  }

  private func stride(_ plane: Int) -> Int {
    let sizes = pointer.pointee.linesize
    return Int(plane == 0 ? sizes.0 : plane == 1 ? sizes.1 : sizes.2)
  }

  private static func turn(
    _ source: UnsafeMutablePointer<UInt8>, stride: Int, width: Int, height: Int,
    into target: UnsafeMutablePointer<UInt8>, stride targetStride: Int, _ degrees: Int
  ) {
    for y in 0..<height {
      let row = source + y * stride
      switch degrees {
      case 90:
        for x in 0..<width { target[x * targetStride + height - 1 - y] = row[x] }
      case 180:
        let line = target + (height - 1 - y) * targetStride
        for x in 0..<width { line[width - 1 - x] = row[x] }
      default:
        for x in 0..<width { target[(width - 1 - x) * targetStride + y] = row[x] }
      }
    }
  }
}
