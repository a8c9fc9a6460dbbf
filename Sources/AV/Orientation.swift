import CAV

/// How stored pictures are turned and mirrored before they are seen.
package struct Orientation: Sendable, Hashable {
  /// The number that EXIF has for it, 1 (as stored) to 8.
  /// Source: CIPA DC-008 (Exif 2.32), tag 0x0112.
  package let number: Int

  /// Seen as stored.
  package static let upright = Orientation(1)

  /// The orientation with EXIF's `number`; upright for one that EXIF does not have.
  package init(_ number: Int) {
    self.number = (1...8).contains(number) ? number : 1
  }

  /// Whether columns become rows.
  package var isSideways: Bool { number >= 5 }
  /// Whether the last stored column or row is seen at the left.
  package var startsRight: Bool { [2, 3, 6, 7].contains(number) }
  /// Whether the last stored column or row is seen at the top.
  package var startsBelow: Bool { [3, 4, 7, 8].contains(number) }

  /// The sides as seen of a picture that is stored with these, and the other way round.
  package func sides(_ width: Int, _ height: Int) -> (width: Int, height: Int) {
    isSideways ? (height, width) : (width, height)
  }

  /// What is done to a stored picture, for people.
  package var text: String {
    switch number {
    case 2: "mirrored"
    case 3: "rotation of 180 degrees"
    case 4: "mirrored, rotation of 180 degrees"
    case 5: "mirrored, rotation of 270 degrees"
    case 6: "rotation of 90 degrees"
    case 7: "mirrored, rotation of 90 degrees"
    case 8: "rotation of 270 degrees"
    default: "upright"
    }
  }

  /// Where the first stored sample is seen, and how far the next column and the next row are from it,
  /// in samples of a picture whose rows are `stride` apart.
  private func way(
    _ width: Int, _ height: Int, _ stride: Int
  ) -> (first: Int, column: Int, row: Int) {
    let (right, below) = (width - 1, height - 1)
    return switch number {
    case 2: (right, -1, stride)
    case 3: (below * stride + right, -1, -stride)
    case 4: (below * stride, 1, -stride)
    case 5: (0, stride, 1)
    case 6: (below, stride, -1)
    case 7: (right * stride + below, -stride, -1)
    case 8: (right * stride, -stride, 1)
    default: (0, 1, stride)
    }
  }

  func turn<Sample>(
    _ source: UnsafePointer<Sample>, stride: Int, width: Int, height: Int,
    into target: UnsafeMutablePointer<Sample>, stride targetStride: Int
  ) {
    let way = way(width, height, targetStride)
    // In bands, because columns that become rows would else miss the processor's memory each time.
    for left in Swift.stride(from: 0, to: width, by: 64) {
      let end = min(width, left + 64)
      for y in 0..<height {
        let row = source + y * stride
        var place = way.first + left * way.column + y * way.row
        for x in left..<end {
          target[place] = row[x]
          place += way.column
        }
      }
    }
  }

  /// Copies `width` x `height` pixels of four bytes, rows without gaps, to where they are seen.
  package func turn(
    _ source: UnsafePointer<UInt32>, width: Int, height: Int,
    into target: UnsafeMutablePointer<UInt32>
  ) {
    turn(
      source, stride: width, width: width, height: height, into: target,
      stride: isSideways ? height : width)
  }
}

/// What a container's display matrix does to stored pictures.
struct DisplayMatrix {
  /// The nearest way of turning by right angles and mirroring.
  let orientation: Orientation
  /// How far it is from that: 2 for not at all.
  private let likeness: Double
  /// Degrees clockwise.
  private let degrees: Double
  /// By how much stored columns and rows are scaled.
  private let scales: (columns: Double, rows: Double)

  /// What columns and rows become, for each orientation: a, b, c and d of libavutil's display.h.
  private static let exact: [(number: Int, numbers: [Double])] = [
    (1, [1, 0, 0, 1]), (2, [-1, 0, 0, 1]), (3, [-1, 0, 0, -1]), (4, [1, 0, 0, -1]),
    (5, [0, 1, 1, 0]), (6, [0, 1, -1, 0]), (7, [0, -1, -1, 0]), (8, [0, -1, 1, 0]),
  ]

  /// Reads nine numbers of ISO/IEC 14496-12, section 8.3.2, as libavformat gives them.
  init(_ matrix: UnsafePointer<Int32>) {
    let numbers = [0, 1, 3, 4].map { Double(matrix[$0]) }
    let columns = (numbers[0] * numbers[0] + numbers[1] * numbers[1]).squareRoot()
    let rows = (numbers[2] * numbers[2] + numbers[3] * numbers[3]).squareRoot()
    // A matrix of zeros, which some programs write, would show nothing.
    let isEmpty = columns == 0 || rows == 0
    let plain =
      isEmpty
      ? [1, 0, 0, 1]
      : [numbers[0] / columns, numbers[1] / columns, numbers[2] / rows, numbers[3] / rows]
    var (best, likeness) = (1, -Double.infinity)
    for (number, wanted) in Self.exact {
      let alike = zip(plain, wanted).reduce(0) { $0 + $1.0 * $1.1 }
      if alike > likeness + 1e-9 { (best, likeness) = (number, alike) }
    }
    orientation = Orientation(best)
    self.likeness = likeness
    degrees = isEmpty ? 0 : -av_display_rotation_get(matrix)
    scales = isEmpty ? (1, 1) : (columns / 65_536, rows / 65_536)
  }

  /// What the matrix asks for beyond `orientation` and pixels of `aspect`, which is left out; nil where
  /// it asks for nothing else.
  func remark(aspect: Double) -> String? {
    // The sum of two cosines: half a degree is rounding.
    if likeness < 1.9999 {
      let turned = Int(degrees.rounded())
      return
        "a display matrix that turns by \(turned < 0 ? turned + 360 : turned) degrees, taken as "
        + orientation.text
    }
    let (wide, high) = (scales.columns, scales.rows)
    if abs(wide / high - 1) > 0.01 {
      // libavformat takes it for the shape of a pixel, unless the file says another one.
      let isKnown = abs(wide / high / aspect - 1) < 0.01
      return isKnown
        ? nil : "a display matrix that stretches by \(Self.text(wide / high)), which is left out"
    }
    guard abs(wide - 1) > 0.01 else { return nil }
    return "a display matrix that scales by \(Self.text(wide)), which is left out"
  }

  private static func text(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
