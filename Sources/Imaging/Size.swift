import Processing

/// Width and height in pixels, both at least 1.
package struct Size: Hashable {
  package var width: Int
  package var height: Int

  package init(_ width: Int, _ height: Int) {
    self.width = max(1, width)
    self.height = max(1, height)
  }

  /// Width and height exchanged.
  var turned: Size { Size(height, width) }
  /// The nearest even sides below, as videos have them; 2 at least.
  package var even: Size { Size(max(2, width & ~1), max(2, height & ~1)) }
  /// How many pixels.
  package var pixels: Int { width * height }
  /// The longer side.
  package var long: Int { max(width, height) }
  /// The shorter side.
  package var short: Int { min(width, height) }
  /// As people write it: `640x480`.
  package var text: String { "\(width)x\(height)" }

  /// This size times `scale`, rounded to whole pixels.
  package func scaled(by scale: Double) -> Size {
    Size(Int((Double(width) * scale).rounded()), Int((Double(height) * scale).rounded()))
  }

  /// This size times `scale`, never rounded up: for limits, which half a pixel would break.
  package func reduced(by scale: Double) -> Size {
    Size(Int(Double(width) * scale), Int(Double(height) * scale))
  }
}

/// How a picture is brought into a box: scaled to a size, then cut to another.
package struct Placement: Equatable {
  /// The whole picture's size after scaling.
  package let scaled: Size
  /// What is kept of its middle.
  package let kept: Size

  /// The way of `picture` into a box; a nil side of the box does not limit.
  package init(_ picture: Size, width: Int?, height: Int?, fit: Fit, enlarges: Bool) {
    let horizontal = width.map { Double($0) / Double(picture.width) }
    let vertical = height.map { Double($0) / Double(picture.height) }
    let scales = [horizontal, vertical].compactMap { $0 }
    let fills = [.cover, .attention, .face].contains(fit)
    let covers = fills && scales.count == 2
    var scale = (covers ? scales.max() : scales.min()) ?? 1
    if !enlarges { scale = min(1, scale) }
    var size = picture.scaled(by: scale)
    guard covers else {
      // Rounding may pass the box by a pixel.
      size = Size(min(size.width, width ?? .max), min(size.height, height ?? .max))
      scaled = size
      kept = size
      return
    }
    if scale != 1 { size = Size(max(size.width, width ?? 1), max(size.height, height ?? 1)) }
    scaled = size
    kept = Size(min(size.width, width ?? .max), min(size.height, height ?? .max))
  }
}

extension Size {
  /// The part of `box` that lies within a picture of this size; at least one pixel.
  func part(_ box: FaceBox) -> FaceBox {
    let (left, top) = (min(max(0, box.x), width - 1), min(max(0, box.y), height - 1))
    let right = min(max(left + 1, box.x + box.width), width)
    let bottom = min(max(top + 1, box.y + box.height), height)
    return FaceBox(x: left, y: top, width: right - left, height: bottom - top, score: box.score)
  }
}
