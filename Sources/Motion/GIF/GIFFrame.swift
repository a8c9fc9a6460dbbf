/// One frame of a GIF, encoded and waiting for its delay to be known.
struct GIFFrame {
  var left: Int
  var top: Int
  var width: Int
  var height: Int
  /// The palette of this frame alone; nil for the one of the file.
  var palette: Palette?
  /// The place that means "leave what is there".
  var transparent: Int?
  /// What happens before the next frame: 1 leaves it, 2 clears its area.
  var disposal: Int
  var data: [UInt8]
  /// When the next one comes, in microseconds.
  var end: Int64

  /// The bytes, with a delay in hundredths of a second.
  func bytes(delay: Int) -> [UInt8] {
    func two(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8 & 255)] }
    let flags = UInt8(disposal << 2 | (transparent == nil ? 0 : 1))
    var bytes: [UInt8] = [0x21, 0xF9, 4, flags] + two(delay) + [UInt8(transparent ?? 0), 0]
    bytes += [0x2C] + two(left) + two(top) + two(width) + two(height)
    if let palette {
      bytes.append(UInt8(0x80 | (palette.depth(with: transparent) - 1)))
      bytes += palette.table(with: transparent)
    } else {
      bytes.append(0)
    }
    return bytes + data
  }
}

extension Palette {
  /// How many bits an index has, with one more place for transparency where there is one.
  func depth(with transparent: Int?) -> Int {
    let count = max(colors.count, (transparent ?? -1) + 1)
    return max(1, (1...8).first { 1 << $0 >= count } ?? 8)
  }

  /// The colours as a file holds them, filled up to a power of two.
  func table(with transparent: Int?) -> [UInt8] {
    let count = 1 << depth(with: transparent)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * 3)
    for color in colors {
      bytes += [UInt8(color & 255), UInt8(color >> 8 & 255), UInt8(color >> 16 & 255)]
    }
    return bytes + [UInt8](repeating: 0, count: max(0, count * 3 - bytes.count))
  }
}
