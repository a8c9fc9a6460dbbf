import Foundation
import TestSupport
import Testing

@testable import Motion

/// Fixtures whose container says something else of the same pictures.
enum Patched {
  /// a, b, c and d of a display matrix (ISO/IEC 14496-12, section 8.3.2) by EXIF orientation.
  static let matrices: [Int: [Double]] = [
    1: [1, 0, 0, 1], 2: [-1, 0, 0, 1], 3: [-1, 0, 0, -1], 4: [1, 0, 0, -1], 5: [0, 1, 1, 0],
    6: [0, 1, -1, 0], 7: [0, -1, -1, 0], 8: [0, -1, 1, 0],
  ]

  /// Writes the mp4 fixture `name` to `path` with another display matrix and shape of pixels.
  static func video(
    _ name: String, matrix: [Double]? = nil, aspect: (Int, Int)? = nil, to path: String
  ) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: fixture("moving/" + name))))
    if let matrix {
      // Behind version, times, identifier, duration, layer and volume.
      let at = try #require(find("tkhd", in: bytes)) + 4 + 40
      let values = [matrix[0], matrix[1], 0, matrix[2], matrix[3], 0, 0, 0, 16_384]
      for (index, value) in values.enumerated() {
        put(UInt32(bitPattern: Int32(value * 65_536)), at + index * 4, &bytes)
      }
    }
    if let aspect {
      let at = try #require(find("pasp", in: bytes)) + 4
      put(UInt32(aspect.0), at, &bytes)
      put(UInt32(aspect.1), at + 4, &bytes)
    }
    try Data(bytes).write(to: URL(filePath: path))
  }

  /// Writes the mp4 fixture `name` to `path`, its pictures `factor` times as fast.
  static func faster(_ name: String, by factor: UInt32, to path: String) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: fixture("moving/" + name))))
    // Behind version, creation and modification: how many units a second has.
    let at = try #require(find("mdhd", in: bytes)) + 4 + 12
    let scale = bytes[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
    put(scale * factor, at, &bytes)
    try Data(bytes).write(to: URL(filePath: path))
  }

  /// Writes the mp4 fixture `name` to `path`, shown for so many milliseconds by its edit list.
  static func shortened(_ name: String, to milliseconds: UInt32, at path: String) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: fixture("moving/" + name))))
    // Behind version and number of entries: the first one's length.
    put(milliseconds, try #require(find("elst", in: bytes)) + 4 + 8, &bytes)
    try Data(bytes).write(to: URL(filePath: path))
  }

  private static func find(_ name: String, in bytes: [UInt8]) -> Int? {
    let wanted = Array(name.utf8)
    return bytes.indices.first { bytes[$0...].starts(with: wanted) }
  }

  private static func put(_ value: UInt32, _ at: Int, _ bytes: inout [UInt8]) {
    for index in 0..<4 { bytes[at + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index)) }
  }
}

extension Frame {
  /// This stored picture as it is seen with an EXIF orientation, by the words of CIPA DC-008: which
  /// side of the eye's picture the first stored row and the first stored column are.
  func seen(_ orientation: Int) -> Frame {
    let (row, column) =
      [
        ("top", "left"), ("top", "right"), ("bottom", "right"), ("bottom", "left"),
        ("left", "top"), ("right", "top"), ("right", "bottom"), ("left", "bottom"),
      ][orientation - 1]
    let isSideways = orientation > 4
    return Frame(
      isSideways ? height : width, isSideways ? width : height, at: start, for: duration
    ) { x, y in
      let (across, down) = isSideways ? (y, x) : (x, y)
      let storedX = column == "right" || column == "bottom" ? width - 1 - across : across
      let storedY = row == "bottom" || row == "right" ? height - 1 - down : down
      return color(storedX, storedY)
    }
  }

  /// The samples of one pixel.
  func color(_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8, UInt8) {
    let at = (y * width + x) * 4
    return (pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3])
  }
}

/// Paints a corner of every frame, and remembers the sides that it saw.
final class CornerPainter: FrameFilter {
  private(set) var sides: Set<[Int]> = []
  private let skips: Int

  /// A filter that leaves one of so many frames as it is; 0 paints every one.
  init(skips: Int = 0) { self.skips = skips }

  private var number = 0

  func apply(_ samples: UnsafeMutableRawBufferPointer, width: Int, height: Int) -> Bool {
    sides.insert([width, height])
    number += 1
    guard skips == 0 || number % skips != 0 else { return false }
    for y in 0..<min(16, height) {
      for x in 0..<min(16, width) {
        for (band, value) in [UInt8(0), 0, 255].enumerated() {
          samples[(y * width + x) * 4 + band] = value
        }
      }
    }
    return true
  }

  func check() {}
}
