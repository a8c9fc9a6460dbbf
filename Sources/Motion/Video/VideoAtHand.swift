import AV
import Core
import Imaging
import Synchronization

/// The video that was measured last, open and unread, for whoever asks for the same file next: a stage that measures
/// one is followed by one that reads it, and opening means decoding a picture, measuring means a digest.
///
/// Only one is kept, and only until the next video is opened.
enum VideoAtHand {
  /// `@unchecked Sendable`: handed from one owner to the next, never shared.
  private struct Kept: @unchecked Sendable {
    let identity: FileIdentity
    let input: InputFile
    let media: Media
  }

  private static let kept = Mutex<Kept?>(nil)

  /// Keeps `input`, of which nothing was read and which nobody else has, with the facts of its file.
  static func keep(_ input: InputFile, _ media: Media, of identity: FileIdentity) {
    kept.withLock { $0 = Kept(identity: identity, input: input, media: media) }
  }

  /// What was kept of the file of that identity; forgets it, and any other.
  static func take(_ identity: FileIdentity) -> (input: InputFile, media: Media)? {
    let found = kept.withLock { kept in
      defer { kept = nil }
      return kept
    }
    guard let found, found.identity == identity else { return nil }
    return (found.input, found.media)
  }
}
