/// Finds the place of a colour in a palette, by a table for all of them.
final class ColorMap: Sendable {
  let palette: Palette
  private let cells: [UInt8]
  /// Places of exact colours, where the palette holds every colour there is.
  private let exact: [UInt32: UInt8]?

  /// Whether the palette holds every colour of the frames.
  var isExact: Bool { exact != nil }

  /// A map for `palette`; `isExact` says that no other colours come.
  init(_ palette: Palette, isExact: Bool) {
    self.palette = palette
    guard !isExact else {
      exact = Dictionary(
        palette.colors.enumerated().map { ($0.element, UInt8($0.offset)) }, uniquingKeysWith: { $1 }
      )
      cells = []
      return
    }
    exact = nil
    cells = (0..<1 << 16).map { cell in
      // The middle of the cell.
      let red = Float((cell >> 11) << 3 | 4)
      let green = Float(((cell >> 5) & 63) << 2 | 2)
      let blue = Float((cell & 31) << 3 | 4)
      return UInt8(palette.nearest(red, green, blue).index)
    }
  }

  /// The palette's places of a frame's pixels; `transparent` for those that are more clear than
  /// opaque.
  func map(_ frame: Frame, transparent: UInt8, into indices: UnsafeMutableBufferPointer<UInt8>) {
    let pixels = frame.pixels.assumingMemoryBound(to: UInt32.self)
    if let exact {
      var (last, place): (UInt32, UInt8) = (.max, 0)
      for index in 0..<indices.count {
        let pixel = pixels[index]
        guard pixel >> 24 >= 128 else {
          indices[index] = transparent
          continue
        }
        let color = pixel & 0xFF_FFFF
        if color != last { (last, place) = (color, exact[color] ?? 0) }
        indices[index] = place
      }
      return
    }
    cells.withUnsafeBufferPointer { cells in
      for index in 0..<indices.count {
        let pixel = pixels[index]
        indices[index] = pixel >> 24 >= 128 ? cells[Histogram.cell(pixel)] : transparent
      }
    }
  }
}
