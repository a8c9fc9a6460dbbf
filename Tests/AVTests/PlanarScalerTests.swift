import Cancelling
import TestSupport
import Testing
import Zimg

@testable import AV

/// The quick way of scaling gives what the usual one gives.
@Suite struct PlanarScalerTests {
  private func frame(_ name: String) throws -> DecodedFrame {
    let input = try InputFile(fixture("moving/" + name), cancellation: Cancellation())
    let decoder = try Decoder(input, try #require(input.video))
    return try #require(try decoder.next())
  }

  private func quickly(_ count: Counter) -> PlanarScaler.Quick {
    let bicubic = Bicubic()
    return { source, target in
      func planes(_ planes: PlanarScaler.Planes) -> Bicubic.Planes {
        Bicubic.Planes(
          width: planes.width, height: planes.height, samples: planes.samples,
          strides: planes.strides)
      }
      let isDone = bicubic.scale(planes(source), into: planes(target))
      if isDone { count.number += 1 }
      return isDone
    }
  }

  private final class Counter {
    var number = 0
  }

  /// The mean absolute difference of the samples of a plane.
  private func difference(
    _ a: DecodedFrame, _ b: DecodedFrame, _ plane: Int
  ) throws -> Double {
    func samples(_ frame: DecodedFrame) throws -> [UInt8] {
      let picture = frame.pointer.pointee
      let data = [picture.data.0, picture.data.1, picture.data.2]
      let strides = [picture.linesize.0, picture.linesize.1, picture.linesize.2]
      let shift = plane == 0 ? 0 : 1
      let from = try #require(data[plane])
      return (0..<frame.height >> shift).flatMap { row in
        UnsafeBufferPointer(start: from + row * Int(strides[plane]), count: frame.width >> shift)
      }
    }
    let (x, y) = (try samples(a), try samples(b))
    #expect(x.count == y.count && !x.isEmpty)
    return zip(x, y).reduce(0.0) { $0 + abs(Double($1.0) - Double($1.1)) } / Double(x.count)
  }

  @Test(arguments: [(64, 48), (200, 120), (500, 300), (96, 200)])
  func theQuickWayShowsTheSame(_ width: Int, _ height: Int) throws {
    let source = try frame("h264-aac.mp4")
    let count = Counter()
    let usual = try PlanarScaler().scale(source, width: width, height: height)
    let quick = try PlanarScaler(quick: quickly(count)).scale(source, width: width, height: height)
    #expect(count.number == 1)
    #expect(quick.start == usual.start && quick.duration == usual.duration)
    for plane in 0..<3 {
      let found = try difference(quick, usual, plane)
      #expect(found < 1.5, "plane \(plane): \(found)")
    }
  }

  @Test(arguments: ["full-range.mp4", "hdr.mp4"])
  func otherSamplesTakeTheUsualWay(_ name: String) throws {
    let source = try frame(name)
    let count = Counter()
    let usual = try PlanarScaler().scale(source, width: 64, height: 48)
    let scaled = try PlanarScaler(quick: quickly(count)).scale(source, width: 64, height: 48)
    #expect(count.number == 0)
    for plane in 0..<3 { #expect(try difference(scaled, usual, plane) == 0) }
  }
}
