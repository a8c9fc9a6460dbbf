/// GIF's compression (GIF89a specification, appendix F): codes of growing width over colour indices.
///
/// One encoder serves one thread at a time; its tables are used again for every frame.
final class LZWEncoder {
  // Open addressing; a slot holds prefix code and next index (20 bits), and the code they make.
  private static let slots = 1 << 14
  private let keys: UnsafeMutablePointer<UInt32>
  private let codes: UnsafeMutablePointer<UInt16>

  init() {
    keys = .allocate(capacity: Self.slots)
    codes = .allocate(capacity: Self.slots)
  }

  deinit {
    keys.deallocate()
    codes.deallocate()
  }

  /// The image data of a frame: the code size, the blocks and their end. Every index is below
  /// `1 << depth`.
  func encode(_ indices: UnsafeBufferPointer<UInt8>, depth: Int) -> [UInt8] {
    let (keys, codes) = (keys, codes)
    let least = max(2, depth)
    var output = CodeWriter(least, room: indices.count / 3 + 64)
    let clear = UInt16(1 << least)
    var width = UInt64(least + 1)
    var next = Int(clear) + 2
    reset()
    output.put(UInt64(clear), width)
    guard var prefix = indices.first.map({ UInt16($0) }) else {
      output.put(UInt64(clear) + 1, width)
      return output.finish()
    }
    for position in 1..<max(1, indices.count) {
      let index = indices[position]
      let key = UInt32(prefix) << 8 | UInt32(index)
      var slot = Int((key &* 0x9E37_79B1) >> 18)
      while keys[slot] != .max, keys[slot] != key { slot = (slot + 1) & (Self.slots - 1) }
      if keys[slot] == key {
        prefix = codes[slot]
        continue
      }
      output.put(UInt64(prefix), width)
      if next < 4_096 {
        keys[slot] = key
        codes[slot] = UInt16(next)
        if next == 1 << Int(width), width < 12 { width += 1 }
        next += 1
      } else {
        output.put(UInt64(clear), width)
        reset()
        width = UInt64(least + 1)
        next = Int(clear) + 2
      }
      prefix = UInt16(index)
    }
    output.put(UInt64(prefix), width)
    // A decoder has made one more entry by now.
    if next == 1 << Int(width), width < 12 { width += 1 }
    output.put(UInt64(clear) + 1, width)
    return output.finish()
  }

  private func reset() {
    keys.update(repeating: .max, count: Self.slots)
  }
}

/// Codes in blocks of at most 255 bytes.
private struct CodeWriter {
  private var output: [UInt8] = []
  private var block = 0
  private var bits: UInt64 = 0
  private var count: UInt64 = 0

  /// A writer whose first byte is the size of codes; `room` is how many bytes may come.
  init(_ least: Int, room: Int) {
    output.reserveCapacity(room)
    output.append(UInt8(least))
    block = output.count
    output.append(0)
  }

  @inline(__always)
  mutating func put(_ code: UInt64, _ width: UInt64) {
    bits |= code << count
    count += width
    while count >= 8 {
      byte(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
      count -= 8
    }
  }

  private mutating func byte(_ value: UInt8) {
    output.append(value)
    guard output.count - block == 256 else { return }
    output[block] = 255
    block = output.count
    output.append(0)
  }

  mutating func finish() -> [UInt8] {
    if count > 0 { byte(UInt8(truncatingIfNeeded: bits)) }
    let rest = output.count - block - 1
    if rest > 0 {
      output[block] = UInt8(rest)
      output.append(0)
    }
    return output
  }
}
