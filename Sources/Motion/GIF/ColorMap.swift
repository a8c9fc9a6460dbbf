import Dispatch
import Synchronization

/// Finds the place of a colour in a palette, by a table that is filled for the colours that occur.
///
/// `@unchecked Sendable`: `prepare` alone writes the table, and its caller shares the map with other
/// threads only between two calls.
final class ColorMap: @unchecked Sendable {
  let palette: Palette
  private var cells: [UInt8] = []
  private var known: [Bool] = []
  /// Places of exact colours, where the palette holds every colour there is.
  private let exact: [UInt32: UInt8]?

  /// Whether the palette holds every colour of the frames.
  var isExact: Bool { exact != nil }

  /// A map for `palette`; `isExact` says that no other colours come.
  init(_ palette: Palette, isExact: Bool) {
    self.palette = palette
    guard !isExact else {
      exact = Dictionary(
        palette.colors.enumerated().map { ($0.element, UInt8($0.offset)) },
        uniquingKeysWith: { $1 })
      return
    }
    exact = nil
    cells = [UInt8](repeating: 0, count: 1 << 16)
    known = [Bool](repeating: false, count: 1 << 16)
  }

  /// Finds the places of every colour of `frames`, which must come before they are mapped.
  func prepare(_ frames: [Frame]) {
    guard !isExact else { return }
    let seen = Mutex([Bool](repeating: false, count: 1 << 16))
    DispatchQueue.concurrentPerform(iterations: frames.count) { index in
      let frame = frames[index]
      let pixels = frame.pixels.assumingMemoryBound(to: UInt32.self)
      let own = [Bool](unsafeUninitializedCapacity: 1 << 16) { own, count in
        own.initialize(repeating: false)
        for at in 0..<frame.width * frame.height { own[Histogram.cell(pixels[at])] = true }
        count = 1 << 16
      }
      seen.withLock { all in
        for cell in own.indices where own[cell] { all[cell] = true }
      }
    }
    let wanted = seen.withLock { $0 }
    for cell in wanted.indices where wanted[cell] && !known[cell] {
      // The middle of the cell.
      let red = Float((cell >> 11) << 3 | 4)
      let green = Float(((cell >> 5) & 63) << 2 | 2)
      let blue = Float((cell & 31) << 3 | 4)
      cells[cell] = UInt8(palette.nearest(red, green, blue).index)
      known[cell] = true
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
