/// How clear a frame is to look at: sharp, and neither dark nor glaring.
struct Clarity {
  /// Larger is clearer.
  let score: Double

  /// Judges a frame by its brightness at every second pixel.
  init(_ frame: Frame) {
    let samples = frame.pixels.assumingMemoryBound(to: UInt8.self)
    func luma(_ x: Int, _ y: Int) -> Double {
      let at = (y * frame.width + x) * 4
      return 0.299 * Double(samples[at]) + 0.587 * Double(samples[at + 1])
        + 0.114 * Double(samples[at + 2])
    }
    var (edges, sum, squares, count) = (0.0, 0.0, 0.0, 0.0)
    for y in stride(from: 1, to: frame.height - 1, by: 2) {
      for x in stride(from: 1, to: frame.width - 1, by: 2) {
        let here = luma(x, y)
        let bend =
          4 * here - luma(x - 1, y) - luma(x + 1, y) - luma(x, y - 1) - luma(x, y + 1)
        edges += bend * bend
        sum += here
        squares += here * here
        count += 1
      }
    }
    guard count > 0 else {
      score = 0
      return
    }
    let mean = sum / count
    let spread = max(0, squares / count - mean * mean).squareRoot()
    // Fades to black and white, and plain title cards, lose.
    let exposure = max(0, 1 - abs(mean - 120) / 135) * min(1, spread / 40)
    score = (edges / count).squareRoot() * exposure
  }
}
