/// Up to 255 colours that stand for all colours of some frames.
struct Palette: Equatable {
  /// Colours as 0xBBGGRR.
  private(set) var colors: [UInt32]

  /// Colours that are known.
  init(_ colors: [UInt32]) {
    self.colors = colors
  }

  /// The `count` best colours for `cells`: cut where the spread is largest, then moved to the mean
  /// of what is nearest to them.
  init(_ cells: [Histogram.Cell], count: Int) {
    var boxes = [Box(cells[...])]
    while boxes.count < count {
      guard let widest = boxes.indices.max(by: { boxes[$0].spread < boxes[$1].spread }),
        boxes[widest].spread > 0, let (first, second) = boxes[widest].halves
      else { break }
      boxes[widest] = first
      boxes.append(second)
    }
    var centers = boxes.map(\.mean)
    for _ in 0..<3 { centers = Self.moved(centers, cells) }
    var seen: Set<UInt32> = []
    colors = centers.map(Self.rounded).filter { seen.insert($0).inserted }
  }

  /// The nearest colour's place.
  func nearest(_ red: Float, _ green: Float, _ blue: Float) -> (index: Int, distance: Float) {
    var best = (index: 0, distance: Float.infinity)
    for (index, color) in colors.enumerated() {
      let r = Float(color & 255) - red
      let g = Float(color >> 8 & 255) - green
      let b = Float(color >> 16 & 255) - blue
      let distance = Self.distance(r, g, b)
      if distance < best.distance { best = (index, distance) }
    }
    return best
  }

  /// The mean squared distance of what is shown from what is meant.
  func error(_ cells: [Histogram.Cell]) -> Float {
    let weight = cells.reduce(0) { $0 + $1.weight }
    guard weight > 0 else { return 0 }
    return cells.reduce(0) {
      $0 + nearest($1.red, $1.green, $1.blue).distance * $1.weight
    } / weight
  }

  /// Eyes see green best and blue least (weights near those of ITU-R BT.601's luma).
  @inline(__always)
  static func distance(_ red: Float, _ green: Float, _ blue: Float) -> Float {
    red * red * 2 + green * green * 4 + blue * blue
  }

  private static func rounded(_ color: SIMD3<Float>) -> UInt32 {
    let part = color.clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 255))
      .rounded(.toNearestOrAwayFromZero)
    return UInt32(part.x) | UInt32(part.y) << 8 | UInt32(part.z) << 16
  }

  private static func moved(
    _ centers: [SIMD3<Float>], _ cells: [Histogram.Cell]
  ) -> [SIMD3<Float>] {
    var sums = [SIMD4<Float>](repeating: .zero, count: centers.count)
    centers.withUnsafeBufferPointer { centers in
      for cell in cells {
        var (best, least) = (0, Float.infinity)
        for index in 0..<centers.count {
          let center = centers[index]
          let apart = distance(
            center.x - cell.red, center.y - cell.green, center.z - cell.blue)
          if apart < least { (best, least) = (index, apart) }
        }
        sums[best] += SIMD4(cell.red, cell.green, cell.blue, 1) * cell.weight
      }
    }
    return zip(centers, sums).map { center, sum in
      sum.w > 0 ? SIMD3(sum.x, sum.y, sum.z) / sum.w : center
    }
  }

  /// A part of colour space.
  private struct Box {
    let cells: ArraySlice<Histogram.Cell>
    let mean: SIMD3<Float>
    /// The axis of the largest spread: red, green or blue.
    let axis: Int
    /// How much colours differ along it, times how often they occur.
    let spread: Float

    init(_ cells: ArraySlice<Histogram.Cell>) {
      self.cells = cells
      var (sum, squares, weight) = (SIMD3<Float>.zero, SIMD3<Float>.zero, Float(0))
      for cell in cells {
        let color = SIMD3(cell.red, cell.green, cell.blue)
        sum += color * cell.weight
        squares += color * color * cell.weight
        weight += cell.weight
      }
      mean = weight > 0 ? sum / weight : .zero
      let variance = (squares - mean * mean * weight) * SIMD3(2, 4, 1)
      axis =
        variance.x > variance.y
        ? (variance.x > variance.z ? 0 : 2) : (variance.y > variance.z ? 1 : 2)
      spread = cells.count > 1 ? variance[axis] : 0
    }

    /// Cut at the mean of the axis.
    var halves: (Box, Box)? {
      let axis = axis
      let at = mean[axis]
      func value(_ cell: Histogram.Cell) -> Float {
        axis == 0 ? cell.red : axis == 1 ? cell.green : cell.blue
      }
      var all = Array(cells)
      let middle = all.partition { value($0) > at }
      guard middle > 0, middle < all.count else { return nil }
      return (Box(all[..<middle]), Box(all[middle...]))
    }
  }
}
