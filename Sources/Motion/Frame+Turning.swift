import AV

extension Frame {
  /// The same picture as it is seen when it was stored with `orientation`.
  func turned(_ orientation: Orientation) -> Frame {
    guard orientation != .upright else { return self }
    let sides = orientation.sides(width, height)
    let result = Frame(width: sides.width, height: sides.height, start: start, duration: duration)
    let source = pixels.assumingMemoryBound(to: UInt32.self)
    let target = result.pixels.assumingMemoryBound(to: UInt32.self)
    guard let from = source.baseAddress, let to = target.baseAddress else { return result }
    orientation.turn(from, width: width, height: height, into: to)
    return result
  }
}
