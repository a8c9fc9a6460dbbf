import AV
import Core
import Dispatch
import Imaging
import Synchronization

/// The video that was measured last, open and unread, for whoever asks for the same file next: a stage that measures
/// one is followed by one that reads it, and opening means decoding a picture, measuring means a digest.
///
/// Only one is kept, until the next video is opened or a few seconds are over: a file that is removed stays on the
/// disk as long as somebody has it open.
final class VideoAtHand: Sendable {
  /// The one of this process.
  static let shared = VideoAtHand()

  /// `@unchecked Sendable`: handed from one owner to the next, never shared.
  private struct Kept: @unchecked Sendable {
    let identity: FileIdentity
    let input: InputFile
    let media: Media
  }

  private struct State {
    var kept: Kept?
    /// Raised with each video that is kept.
    var number = 0
  }

  private let state = Mutex(State())

  /// Keeps `input`, of which nothing was read and which nobody else has, with the facts of its file.
  func keep(
    _ input: InputFile, _ media: Media, of identity: FileIdentity, for seconds: Double = 5
  ) {
    let number = state.withLock { state in
      state.kept = Kept(identity: identity, input: input, media: media)
      state.number += 1
      return state.number
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in
      state.withLock { state in
        if state.number == number { state.kept = nil }
      }
    }
  }

  /// What was kept of the file of that identity; forgets it, and any other.
  func take(_ identity: FileIdentity) -> (input: InputFile, media: Media)? {
    let found = state.withLock { state in
      defer { state.kept = nil }
      return state.kept
    }
    guard let found, found.identity == identity else { return nil }
    return (found.input, found.media)
  }
}
