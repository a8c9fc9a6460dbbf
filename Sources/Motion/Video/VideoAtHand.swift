import AV
import Core
import Dispatch
import Files
import Synchronization

/// The video that was measured last, still open and unread, for the next request about the same file: a stage that
/// measures a video is followed by one that reads it, and opening it again would decode a picture and take the digest
/// once more.
///
/// Only one is kept, until the next video is opened or a few seconds are over: a file that is removed stays on the
/// disk as long as somebody has it open.
final class VideoAtHand: Sendable {
  /// The one of this process.
  static let shared = VideoAtHand()

  /// `@unchecked Sendable`: handed from one owner to the next, never shared.
  private struct Kept: @unchecked Sendable {
    let version: FileVersion
    let input: InputFile
    let media: Media
  }

  private struct State {
    var kept: Kept?
    /// Raised with each video that is kept.
    var number = 0
  }

  private let state = Mutex(State())

  /// Keeps an open file that has not been read, along with its facts. The caller gives it up. A file that was changed a
  /// moment ago is not kept, because another change might not show.
  func keep(
    _ input: InputFile, _ media: Media, of version: FileVersion, at time: Int64 = FileSystem.now,
    for seconds: Double = 5
  ) {
    guard version.isSettled(at: time) else { return }
    let number = state.withLock { state in
      state.kept = Kept(version: version, input: input, media: media)
      state.number += 1
      return state.number
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in
      state.withLock { state in
        if state.number == number { state.kept = nil }
      }
    }
  }

  /// The file of that version with its facts, where it is the one that was kept; whatever was kept is let go.
  func take(_ version: FileVersion) -> (input: InputFile, media: Media)? {
    let found = state.withLock { state in
      defer { state.kept = nil }
      return state.kept
    }
    guard let found, found.version.looksLike(version) else { return nil }
    return (found.input, found.media)
  }
}
