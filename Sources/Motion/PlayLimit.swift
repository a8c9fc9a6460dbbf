import Core

/// How often an animation is played, brought within what a format can say.
struct PlayLimit {
  /// What the new file says; 0 is for ever.
  let plays: Int
  /// What is said where that is less than it was; nil where it is the same.
  let change: Change?

  /// The plays of a file that becomes one of `format`.
  init(_ plays: Int, in format: MediaFormat) {
    let most = format.maximumPlays
    self.plays = min(plays, most)
    change =
      plays > most
      ? Change(
        .timing, from: "played \(plays) times", to: "played \(most) times",
        reason: "\(format) counts no further") : nil
  }
}

extension MediaFormat {
  /// The most plays that a file of this format can ask for, other than for ever.
  fileprivate var maximumPlays: Int {
    switch self {
    // 16 bits of repetitions behind the first play.
    case .gif: 65_536
    // 16 bits (RFC 9649, chunk `ANIM`).
    case .webp: 65_535
    // 31 bits (PNG specification, third edition, section 4.2).
    case .png: 2_147_483_647
    default: .max
    }
  }
}
