import Core

/// How often an animation is played, brought within what a format can say.
struct PlayLimit {
  /// What the new file says; 0 is for ever.
  let plays: Int
  /// What is said where that is less than it was; nil where it is the same.
  let change: Change?

  /// The plays of a file that becomes one of `format`.
  init(_ plays: Int, in format: MediaFormat) {
    let most = format.animation?.maximumPlays ?? .max
    self.plays = min(plays, most)
    change =
      plays > most
      ? Change(
        .timing, from: "played \(plays) times", to: "played \(most) times",
        reason: "\(format) counts no further") : nil
  }
}
