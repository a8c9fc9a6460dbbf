/// How often colours occur, in 32 x 64 x 32 cells that remember the mean of what fell into them.
struct Histogram {
  /// One cell that is not empty.
  struct Cell {
    var red: Float
    var green: Float
    var blue: Float
    var weight: Float
  }

  private var sums = [SIMD4<UInt32>](repeating: .zero, count: 1 << 16)
  /// The exact colours, as long as there are few.
  private(set) var exact: Set<UInt32>? = []
  /// The most exact colours that are remembered.
  let exactLimit: Int

  init(exactLimit: Int) {
    self.exactLimit = exactLimit
  }

  /// Counts every `step`-th opaque pixel of a frame; the exact colours of all pixels while they
  /// are few.
  mutating func add(_ frame: Frame, step: Int) {
    let pixels = frame.pixels.assumingMemoryBound(to: UInt32.self)
    let count = frame.width * frame.height
    if exact != nil {
      var last: UInt32 = 0
      for index in 0..<count {
        let pixel = pixels[index]
        guard pixel != last, pixel >> 24 >= 128 else { continue }
        last = pixel
        exact?.insert(pixel & 0xFF_FFFF)
        if (exact?.count ?? 0) > exactLimit {
          exact = nil
          break
        }
      }
    }
    sums.withUnsafeMutableBufferPointer { sums in
      var index = 0
      while index < count {
        let pixel = pixels[index]
        index += step
        guard pixel >> 24 >= 128 else { continue }
        sums[Self.cell(pixel)] &+= SIMD4(pixel & 255, pixel >> 8 & 255, pixel >> 16 & 255, 1)
      }
    }
  }

  /// The cells that are not empty.
  var cells: [Cell] {
    sums.compactMap { sum in
      guard sum.w > 0 else { return nil }
      let weight = Float(sum.w)
      return Cell(
        red: Float(sum.x) / weight, green: Float(sum.y) / weight, blue: Float(sum.z) / weight,
        weight: weight)
    }
  }

  /// The cell of a pixel: five bits of red, six of green, five of blue.
  @inline(__always)
  static func cell(_ pixel: UInt32) -> Int {
    Int((pixel & 0xF8) << 8 | (pixel >> 5 & 0x7E0) | (pixel >> 19 & 0x1F))
  }
}
