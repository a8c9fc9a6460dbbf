import Core
import Processing
import Testing

@testable import Imaging

/// One rule brings pictures, animations and videos within limits of sides and pixels.
@Suite struct FittedSizeTests {
  @Test(arguments: [
    // The nearest whole pixel, not the one below: 239.6 rows.
    (Size(640, 360), MediaLimits(maximumSide: 426), Size(426, 240), [MediaLimit.maximumSide]),
    (Size(360, 640), MediaLimits(maximumSide: 426), Size(240, 426), [.maximumSide]),
    // Rounded down: 100.5 squared would pass the limit.
    (Size(200, 200), MediaLimits(maximumPixels: 10_100), Size(100, 100), [.maximumPixels]),
    (
      Size(400, 200), MediaLimits(maximumSide: 200, maximumPixels: 5_000), Size(100, 50),
      [.maximumSide, .maximumPixels]
    ),
    (Size(1_000, 1), MediaLimits(maximumSide: 10), Size(10, 1), [.maximumSide]),
    (Size(64, 48), MediaLimits(maximumSide: 64, maximumPixels: 64 * 48), Size(64, 48), []),
  ])
  func theLargestSizeWithinLimits(
    original: Size, limits: MediaLimits, expected: Size, asked: [MediaLimit]
  ) throws {
    let fitted = try FittedSize(original, "a.jpg", limits)
    #expect(fitted.size == expected)
    #expect(fitted.limits == asked)
  }

  @Test(arguments: [
    (MediaLimits(minimumSide: 101), "has 200x100 pixels"),
    (MediaLimits(maximumAspect: 1.5), "an aspect ratio of 2.0"),
    (MediaLimits(maximumSide: 100, minimumSide: 51), "would become 100x50"),
  ])
  func whatNoChangeCanMend(limits: MediaLimits, words: String) {
    let error = #expect(throws: SwaplineError.self) {
      try FittedSize(Size(200, 100), "a.jpg", limits)
    }
    #expect(error?.code == .limit)
    #expect(error?.message.contains(words) == true)
  }
}
