import Dispatch
import Synchronization

/// Some frames in a row that share a palette, encoded side by side on every core.
struct GIFWindow {
  let frames: [Frame]
  /// The frame shown before the first one; nil at the beginning.
  let previous: Frame?
  let previousMap: ColorMap?
  let map: ColorMap
  /// Whether `map` is the file's own palette.
  let isGlobal: Bool
  let hasAlpha: Bool

  /// The encoded frames; nil for one that shows what is there already.
  func encoded() -> [GIFFrame?] {
    let results = Mutex([GIFFrame?](repeating: nil, count: frames.count))
    let parts = min(max(1, frames.count), 8)
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      let range = frames.count * part / parts..<frames.count * (part + 1) / parts
      guard let first = frames.first else { return }
      let encoder = LZWEncoder()
      var old = [UInt8](repeating: 0, count: first.width * first.height)
      var new = old
      var oldMap = map
      var hasOld = false
      if range.lowerBound > 0 {
        place(frames[range.lowerBound - 1], map, &old)
        hasOld = true
      } else if let previous, let previousMap {
        place(previous, previousMap, &old)
        oldMap = previousMap
        hasOld = true
      }
      for index in range {
        place(frames[index], map, &new)
        let made =
          hasAlpha
          ? whole(frames[index], new, encoder)
          : difference(frames[index], new, hasOld ? (old, oldMap) : nil, encoder)
        results.withLock { $0[index] = made }
        swap(&old, &new)
        oldMap = map
        hasOld = true
      }
    }
    return results.withLock { $0 }
  }

  /// A frame of its own that shows what is there already.
  func unchanged(_ frame: Frame) -> GIFFrame {
    let clear = UInt8(transparent)
    let box = Box(left: 0, top: 0, right: 1, bottom: 1)
    return cut(frame, box, LZWEncoder(), disposal: 1) { _ in clear }
  }

  private var transparent: Int { map.palette.colors.count }

  private func place(_ frame: Frame, _ map: ColorMap, _ indices: inout [UInt8]) {
    indices.withUnsafeMutableBufferPointer {
      map.map(frame, transparent: UInt8(map.palette.colors.count), into: $0)
    }
  }

  /// A frame that is cleared before the next one, so that transparency is never in the way.
  private func whole(_ frame: Frame, _ indices: [UInt8], _ encoder: LZWEncoder) -> GIFFrame {
    let clear = UInt8(transparent)
    var box = Box(width: frame.width, height: frame.height) { indices[$0] != clear }
    if box.isEmpty { box = Box(left: 0, top: 0, right: 1, bottom: 1) }
    return cut(frame, box, encoder, disposal: 2) { indices[$0] }
  }

  /// What differs from the frame before; the same pixels inside its box are left as they are.
  private func difference(
    _ frame: Frame, _ new: [UInt8], _ old: (indices: [UInt8], map: ColorMap)?,
    _ encoder: LZWEncoder
  ) -> GIFFrame? {
    guard let old else {
      let box = Box(left: 0, top: 0, right: frame.width, bottom: frame.height)
      return cut(frame, box, encoder, disposal: 1) { new[$0] }
    }
    // Places in two palettes are the same where their colours are.
    let same: [UInt8]? =
      old.map === map
      ? nil
      : (0..<256).map { place in
        let colors = old.map.palette.colors
        guard place < colors.count,
          let here = map.palette.colors.firstIndex(of: colors[place])
        else { return 255 }
        return UInt8(here)
      }
    return new.withUnsafeBufferPointer { new in
      old.indices.withUnsafeBufferPointer { before in
        func differs(_ at: Int) -> Bool {
          guard let same else { return new[at] != before[at] }
          return new[at] != same[Int(before[at])]
        }
        let box = Box(width: frame.width, height: frame.height, where: differs)
        guard !box.isEmpty else { return nil }
        let clear = UInt8(transparent)
        return cut(frame, box, encoder, disposal: 1) { differs($0) ? new[$0] : clear }
      }
    }
  }

  private func cut(
    _ frame: Frame, _ box: Box, _ encoder: LZWEncoder, disposal: Int,
    _ index: (Int) -> UInt8
  ) -> GIFFrame {
    let count = box.width * box.height
    let indices = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var at = 0
      for y in box.top..<box.bottom {
        for x in box.left..<box.right {
          buffer[at] = index(y * frame.width + x)
          at += 1
        }
      }
      initialized = count
    }
    let depth = map.palette.depth(with: transparent)
    let data = indices.withUnsafeBufferPointer { encoder.encode($0, depth: depth) }
    return GIFFrame(
      left: box.left, top: box.top, width: box.width, height: box.height,
      palette: isGlobal ? nil : map.palette, transparent: transparent, disposal: disposal,
      data: data, end: frame.start + frame.duration)
  }

  /// A part of a frame; right and bottom are behind the last column and row.
  private struct Box {
    var left: Int
    var top: Int
    var right: Int
    var bottom: Int

    var isEmpty: Bool { right <= left || bottom <= top }
    var width: Int { right - left }
    var height: Int { bottom - top }

    init(left: Int, top: Int, right: Int, bottom: Int) {
      self.left = left
      self.top = top
      self.right = right
      self.bottom = bottom
    }

    /// The smallest part with every pixel that `matters`.
    init(width: Int, height: Int, where matters: (Int) -> Bool) {
      self.init(left: width, top: height, right: 0, bottom: 0)
      for y in 0..<height {
        guard let first = (0..<width).first(where: { matters(y * width + $0) }) else { continue }
        top = min(top, y)
        bottom = y + 1
        left = min(left, first)
        var last = width - 1
        while last > right, !matters(y * width + last) { last -= 1 }
        right = max(right, last + 1)
      }
    }
  }
}
