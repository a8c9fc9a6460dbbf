import CAV

/// A fraction of seconds, or a number per second.
package struct Rational: Sendable, Hashable {
  package var numerator: Int
  package var denominator: Int

  /// `numerator / denominator`.
  package init(_ numerator: Int, _ denominator: Int) {
    self.numerator = numerator
    self.denominator = denominator
  }

  init(_ value: AVRational) {
    self.init(Int(value.num), Int(value.den))
  }

  /// The value; nil for a fraction of nothing.
  package var value: Double? {
    denominator == 0 || numerator == 0 ? nil : Double(numerator) / Double(denominator)
  }

  var av: AVRational {
    AVRational(num: Int32(clamping: numerator), den: Int32(clamping: denominator))
  }
}

/// Microseconds, libav's own time base.
let microseconds = AVRational(num: 1, den: 1_000_000)

/// A time in `base` as microseconds; nil for none.
func microseconds(_ time: Int64, _ base: AVRational) -> Int64? {
  guard time != swapline_av_no_time() else { return nil }
  return av_rescale_q(time, base, microseconds)
}
