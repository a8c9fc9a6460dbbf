/// Brings frames of any times onto a constant rate, without drift: every step shows the frame that
/// is on at its middle.
struct FrameGrid<Picture> {
  /// Steps a second, as a fraction.
  let rate: (numerator: Int64, denominator: Int64)
  private var current: Picture?
  private var step: Int64 = 0
  /// Frames that came.
  private(set) var taken = 0
  /// Steps that were filled.
  private(set) var given = 0

  /// A grid that starts with the first frame's start at zero.
  init(numerator: Int, denominator: Int) {
    rate = (Int64(numerator), Int64(max(1, denominator)))
  }

  /// The start of step `number` in microseconds.
  private func start(_ number: Int64) -> Int64 {
    (number * 1_000_000 * rate.denominator + rate.numerator / 2) / rate.numerator
  }

  /// Takes the next frame, shown from `start` on, and hands over what stood before it.
  mutating func take(
    _ picture: Picture, start: Int64,
    _ use: (_ picture: Picture, _ start: Int64, _ duration: Int64) throws -> Void
  ) rethrows {
    taken += 1
    try fill(to: start, use)
    current = picture
  }

  /// Hands over what is left; the last frame is shown to `end`.
  mutating func finish(
    at end: Int64, _ use: (_ picture: Picture, _ start: Int64, _ duration: Int64) throws -> Void
  ) rethrows {
    // A video is never without a picture.
    try fill(to: given == 0 ? max(end, self.start(1)) : end, use)
  }

  private mutating func fill(
    to end: Int64, _ use: (_ picture: Picture, _ start: Int64, _ duration: Int64) throws -> Void
  ) rethrows {
    while let current {
      let (from, to) = (start(step), start(step + 1))
      guard (from + to) / 2 < end else { return }
      try use(current, from, to - from)
      step += 1
      given += 1
    }
  }
}
