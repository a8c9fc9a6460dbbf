import Testing

@testable import AV

@Suite struct OrientationTests {
  /// Two rows of three: 1 2 3 above 4 5 6, as seen in each orientation.
  static let seen: [(Int, [UInt32])] = [
    (1, [1, 2, 3, 4, 5, 6]), (2, [3, 2, 1, 6, 5, 4]), (3, [6, 5, 4, 3, 2, 1]),
    (4, [4, 5, 6, 1, 2, 3]), (5, [1, 4, 2, 5, 3, 6]), (6, [4, 1, 5, 2, 6, 3]),
    (7, [6, 3, 5, 2, 4, 1]), (8, [3, 6, 2, 5, 1, 4]),
  ]

  @Test(arguments: seen) func pixelsGoWhereTheyAreSeen(_ number: Int, _ wanted: [UInt32]) {
    let orientation = Orientation(number)
    let stored: [UInt32] = [1, 2, 3, 4, 5, 6]
    var result = [UInt32](repeating: 0, count: 6)
    orientation.turn(stored, width: 3, height: 2, into: &result)
    #expect(result == wanted)
    let sides = orientation.sides(3, 2)
    #expect([sides.width, sides.height] == (number > 4 ? [2, 3] : [3, 2]))
    // 6 is in the last column and row.
    #expect(orientation.startsRight == ((wanted.firstIndex(of: 6) ?? 0) % sides.width == 0))
    #expect(orientation.startsBelow == ((wanted.firstIndex(of: 6) ?? 0) < sides.width))
  }

  /// What a matrix does to the corners of a picture is what its orientation does.
  @Test(arguments: 1...8) func matricesAreWhatTheyDo(_ number: Int) {
    let numbers: [[Int32]] = [
      [1, 0, 0, 1], [-1, 0, 0, 1], [-1, 0, 0, -1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0],
      [0, -1, -1, 0], [0, -1, 1, 0],
    ]
    let (a, b, c, d) = (
      numbers[number - 1][0], numbers[number - 1][1], numbers[number - 1][2], numbers[number - 1][3]
    )
    // ISO/IEC 14496-12, section 6.2.2: p' = a p + c q, q' = b p + d q. The stored right edge goes…
    let right = (a, b)
    let found = DisplayMatrix([
      a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30,
    ]).orientation
    #expect(found.number == number)
    let isRightSeenBelow = right == (0, 1)
    let isRightSeenLeft = right == (-1, 0)
    #expect(found.isSideways == (a == 0))
    if !found.isSideways { #expect(found.startsRight == isRightSeenLeft) }
    if found.isSideways { #expect(found.startsBelow == !isRightSeenBelow) }
  }

  @Test(arguments: [0, 9, -1, 100]) func otherNumbersAreUpright(_ number: Int) {
    #expect(Orientation(number) == .upright)
  }
}
