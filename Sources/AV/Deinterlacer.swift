import CAV

/// Makes whole pictures of interlaced ones: the field that is shown first stays, and the rows of the
/// other one are filled in, from itself where nothing moves, else from the rows above and below along
/// the edge that they share.
///
/// The way of weighing both follows M. Niedermayer's yadif, without a look ahead. Not `Sendable`: one
/// thread at a time, pictures in their order.
final class Deinterlacer {
  private var previous: DecodedFrame?

  /// Forgets the picture before, after a jump in time.
  func reset() { previous = nil }

  /// `frame` as a whole picture; itself where it is one already or its samples are of a kind that
  /// interlaced videos do not have.
  func apply(_ frame: DecodedFrame) throws(AVError) -> DecodedFrame {
    guard frame.pointer.pointee.interlaced_frame != 0 else {
      previous = nil
      return frame
    }
    let format = AVPixelFormat(rawValue: frame.pointer.pointee.format)
    guard let facts = av_pix_fmt_desc_get(format), Self.isPlain(facts.pointee) else { return frame }
    let result = try DecodedFrame(width: frame.width, height: frame.height, format: format)
    av_frame_copy_props(result.pointer, frame.pointer)
    result.pointer.pointee.interlaced_frame = 0
    result.start = frame.start
    result.duration = frame.duration
    let before =
      previous.map {
        $0.width == frame.width && $0.height == frame.height
          && $0.pointer.pointee.format == frame.pointer.pointee.format
      } == true ? previous : nil
    let isWide = facts.pointee.comp.0.depth > 8
    for plane in 0..<Int(av_pix_fmt_count_planes(format)) {
      let half = plane == 1 || plane == 2
      let shape = PlaneShape(
        width: half
          ? -((-frame.width) >> Int(facts.pointee.log2_chroma_w)) : frame.width,
        height: half
          ? -((-frame.height) >> Int(facts.pointee.log2_chroma_h)) : frame.height,
        keepsEven: frame.pointer.pointee.top_field_first != 0)
      if isWide {
        fill(plane, shape, of: frame, before, into: result, UInt16.self)
      } else {
        fill(plane, shape, of: frame, before, into: result, UInt8.self)
      }
    }
    previous = frame
    return result
  }

  /// Whether every plane holds samples of one kind beside one another, which is what can be filled in.
  private static func isPlain(_ facts: AVPixFmtDescriptor) -> Bool {
    let flags = facts.flags
    let isPlanar = flags & UInt64(AV_PIX_FMT_FLAG_PLANAR) != 0 || facts.nb_components == 1
    let isOdd =
      flags
      & UInt64(
        AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_PAL
          | AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_FLOAT) != 0
    let steps = [facts.comp.0, facts.comp.1, facts.comp.2].prefix(Int(facts.nb_components))
    let size: Int32 = facts.comp.0.depth > 8 ? 2 : 1
    return isPlanar && !isOdd && steps.allSatisfy { $0.step == size }
  }

  private struct PlaneShape {
    let width: Int
    let height: Int
    /// Whether rows 0, 2, 4 … are the field that is shown first.
    let keepsEven: Bool
  }

  private func fill<Sample: FixedWidthInteger & UnsignedInteger>(
    _ plane: Int, _ shape: PlaneShape, of frame: DecodedFrame, _ before: DecodedFrame?,
    into result: DecodedFrame, _: Sample.Type
  ) {
    guard let from = Rows<Sample>(frame, plane), let to = Rows<Sample>(result, plane) else {
      return
    }
    let old = before.flatMap { Rows<Sample>($0, plane) }
    let kept = shape.keepsEven ? 0 : 1
    for y in 0..<shape.height {
      guard y & 1 != kept, shape.height > 1 else {
        to.row(y).update(from: from.row(y), count: shape.width)
        continue
      }
      // At the edges the one neighbour counts twice.
      let above = from.row(y > 0 ? y - 1 : y + 1)
      let below = from.row(y + 1 < shape.height ? y + 1 : y - 1)
      let target = to.row(y)
      guard let old else {
        for x in 0..<shape.width {
          target[x] = Sample(truncatingIfNeeded: Self.spatial(above, below, x, shape.width))
        }
        continue
      }
      let (own, oldOwn) = (from.row(y), old.row(y))
      let oldAbove = old.row(y > 0 ? y - 1 : y + 1)
      let oldBelow = old.row(y + 1 < shape.height ? y + 1 : y - 1)
      for x in 0..<shape.width {
        let (now, then) = (Int(own[x]), Int(oldOwn[x]))
        let (up, down) = (Int(above[x]), Int(below[x]))
        let moved = max(
          abs(now - then) / 2, (abs(Int(oldAbove[x]) - up) + abs(Int(oldBelow[x]) - down)) / 2)
        let middle = (now + then) / 2
        let guess = Self.spatial(above, below, x, shape.width)
        target[x] = Sample(truncatingIfNeeded: min(middle + moved, max(middle - moved, guess)))
      }
    }
  }

  /// The sample between two rows, along the direction in which they are most alike.
  @inline(__always)
  private static func spatial<Sample: FixedWidthInteger & UnsignedInteger>(
    _ above: UnsafeMutablePointer<Sample>, _ below: UnsafeMutablePointer<Sample>, _ x: Int,
    _ width: Int
  ) -> Int {
    let straight = (Int(above[x]) + Int(below[x])) / 2
    guard x >= 2, x + 2 < width else { return straight }
    func score(_ lean: Int) -> Int {
      abs(Int(above[x - 1 + lean]) - Int(below[x - 1 - lean]))
        + abs(Int(above[x + lean]) - Int(below[x - lean]))
        + abs(Int(above[x + 1 + lean]) - Int(below[x + 1 - lean]))
    }
    var (best, value) = (score(0) - 1, straight)
    for lean in [-1, 1] {
      let found = score(lean)
      guard found < best else { continue }
      (best, value) = (found, (Int(above[x + lean]) + Int(below[x - lean])) / 2)
    }
    return value
  }

  /// One plane of a picture, row by row.
  private struct Rows<Sample> {
    let first: UnsafeMutableRawPointer
    let stride: Int

    init?(_ frame: DecodedFrame, _ plane: Int) {
      guard let data = withPlanes(frame.pointer, { $0[plane] }) else { return nil }
      first = UnsafeMutableRawPointer(data)
      stride = frame.stride(plane)
    }

    func row(_ y: Int) -> UnsafeMutablePointer<Sample> {
      (first + y * stride).assumingMemoryBound(to: Sample.self)
    }
  }
}
