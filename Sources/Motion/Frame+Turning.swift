extension Frame {
  /// The same picture, turned clockwise by 90, 180 or 270 degrees.
  func turned(by degrees: Int) -> Frame {
    let isSideways = degrees % 180 == 90
    let result = Frame(
      width: isSideways ? height : width, height: isSideways ? width : height, start: start,
      duration: duration)
    let source = pixels.assumingMemoryBound(to: UInt32.self)
    let target = result.pixels.assumingMemoryBound(to: UInt32.self)
    for y in 0..<height {
      for x in 0..<width {
        let (column, row) =
          switch degrees {
          case 90: (height - 1 - y, x)
          case 180: (width - 1 - x, height - 1 - y)
          default: (y, width - 1 - x)
          }
        target[row * result.width + column] = source[y * width + x]
      }
    }
    return result
  }
}
