/// The table behind GIF's compression (GIF89a specification, appendix F): what each code stands for.
///
/// giflib reads the codes; what they stand for is looked up here, because giflib takes codes that were
/// never made for others (a damaged file then looks like a good one), and is three times slower.
final class CodeExpander {
  /// How the codes of a frame ended.
  enum Ending: Equatable {
    /// Every pixel is there.
    case whole
    /// No further code came, behind so many pixels.
    case short(Int)
    /// A code came that does not exist yet, behind so many pixels.
    case undefined(Int)
  }

  // Codes have 12 bits at most.
  private static let size = 4_096
  // An entry is what an earlier one stands for and one index more.
  private let earlier = UnsafeMutablePointer<UInt16>.allocate(capacity: size)
  private let last = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
  private let first = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
  private let length = UnsafeMutablePointer<UInt16>.allocate(capacity: size)

  deinit {
    earlier.deallocate()
    last.deallocate()
    first.deallocate()
    length.deallocate()
  }

  /// Fills `pixels` with the indices that a frame's codes stand for; those have `bits` bits, 1 to 8.
  /// `code` gives the next code, below zero behind the last one. More than there is room for is left
  /// out.
  @inline(__always)
  func expand(
    bits: Int, into pixels: UnsafeMutableBufferPointer<UInt8>, code: () -> Int
  ) -> Ending {
    let (earlier, last, first, length) = (earlier, last, first, length)
    guard let target = pixels.baseAddress else { return .whole }
    let room = pixels.count
    let clear = 1 << bits
    for index in 0..<clear {
      (earlier[index], last[index], first[index], length[index]) =
        (0, UInt8(truncatingIfNeeded: index), UInt8(truncatingIfNeeded: index), 1)
    }
    var next = clear &+ 2
    var previous = -1
    var done = 0
    while done < room {
      let code = code()
      guard code >= 0 else { return .short(done) }
      if code == clear {
        next = clear &+ 2
        previous = -1
        continue
      }
      if previous >= 0 {
        guard code <= next else { return .undefined(done) }
        if next < Self.size {
          earlier[next] = UInt16(truncatingIfNeeded: previous)
          first[next] = first[previous]
          last[next] = first[code == next ? previous : code]
          length[next] = length[previous] &+ 1
          next &+= 1
        }
      } else {
        guard code < clear else { return .undefined(done) }
      }
      previous = code
      let whole = Int(length[code])
      let count = min(whole, room &- done)
      var entry = code
      // What there is no room for stands at the end.
      for _ in count..<whole { entry = Int(earlier[entry]) }
      var at = done &+ count &- 1
      while at > done {
        target[at] = last[entry]
        entry = Int(earlier[entry])
        at &-= 1
      }
      target[done] = first[code]
      done &+= count
    }
    return .whole
  }
}
