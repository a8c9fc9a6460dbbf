import Core
import Processing
import TestSupport
import Testing

@testable import Motion

/// What operations make of the frames of animations and videos.
@Suite struct FrameOperationTests {
  @Test(arguments: [
    ("disposals.gif", "made.gif", 1.0), ("animated.webp", "made.webp", 8),
    ("animated.png", "made.png", 0), ("h264-aac.mp4", "made.mp4", 8), ("person.gif", "made.mp4", 8),
  ]) func everyFrameIsWorkedOn(file: String, name: String, difference: Double) throws {
    let bench = try Bench()
    let file = fixture("moving/\(file)")
    let plain = try Bench.frames(bench.move(file, to: "plain-\(name)").file)
    let made = try Bench.frames(
      bench.move(file, to: name, operations: [PixelOperation("invert")]).file)
    #expect(made.count == plain.count && !plain.isEmpty)
    for (made, plain) in zip(made, plain) {
      #expect(made.inverted.difference(plain) <= difference)
      #expect(made.difference(plain) > 20)
    }
  }

  @Test func framesKeepTheirSize() throws {
    let bench = try Bench()
    let crop = PixelOperation(
      "extract_area", ["left": "0", "top": "0", "width": "4", "height": "4"])
    let error = #expect(throws: SwaplineError.self) {
      try bench.move(fixture("moving/animated.webp"), to: "made.webp", operations: [crop])
    }
    #expect(error?.code == .usage)
    #expect(error?.message.hasSuffix("would become 4x4.") == true)
  }
}

extension Frame {
  fileprivate var inverted: Frame {
    let result = Frame(width: width, height: height, start: start, duration: duration)
    for index in 0..<width * height * 4 {
      result.pixels[index] = index % 4 == 3 ? pixels[index] : 255 - pixels[index]
    }
    return result
  }
}
