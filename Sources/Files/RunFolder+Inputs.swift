import Core
import Glibc

// Inputs that are files of this machine are not copied. Their place among the work files is a symbolic
// link; who made a file of one asks afterwards whether it was still the same.
extension RunFolder {
  /// Uses the file at `original` as the work file with these facts, which were read from `time` on, in
  /// nanoseconds since 1970, while the file was in `version`. An absolute path without links in it.
  package func borrow(
    _ original: String, in version: FileVersion, since time: Int64, as media: Media
  ) throws(SwaplineError) {
    let place = file(media)
    try borrowed.alone { () throws(SwaplineError) in
      // What is there and whole serves every item alike.
      if let known = FileVersion(of: place), known.size == media.size,
        !known.isLinked || borrowed.holds(place) && borrowed.looksUnchanged(place, media.digest)
      {
        return
      }
      let temporary = temporaryFile("link")
      guard symlink(original, temporary) == 0 else { throw FileSystem.failure("write", place) }
      do throws(SwaplineError) {
        try FileSystem.move(temporary, to: place)
      } catch {
        FileSystem.remove(temporary)
        throw error
      }
      borrowed.note(version, at: place, since: time)
    }
  }

  /// Whether the work file with these facts lies elsewhere, and may be changed by others.
  package func isBorrowed(_ media: Media) -> Bool { borrowed.holds(file(media)) }

  /// Throws where a borrowed file is no longer what these facts were read from: what was made of it
  /// meanwhile is worth nothing.
  package func checkUnchanged(_ media: Media) throws(SwaplineError) {
    let place = file(media)
    guard !borrowed.isUnchanged(place, media.digest) else { return }
    throw Self.changed(place)
  }

  /// Makes the work file with these facts our own where it is borrowed: for what leaves this machine
  /// later, or stays when the original goes. Blocks are shared where the file system can do that. Throws
  /// where the original has changed.
  package func own(_ media: Media) throws(SwaplineError) {
    let place = file(media)
    guard FileVersion(of: place)?.isLinked == true else { return }
    let temporary = temporaryFile("own")
    do throws(SwaplineError) {
      try FileSystem.copy(place, to: temporary)
      guard try FileSystem.digest(of: temporary) == media.digest else { throw Self.changed(place) }
      // As one: who borrows in between would put a link in the place of what is our own.
      try borrowed.alone { () throws(SwaplineError) in
        try FileSystem.move(temporary, to: place)
        borrowed.forget(place)
      }
    } catch {
      FileSystem.remove(temporary)
      throw error
    }
  }

  /// The error for an input that was changed, or taken away, while it was used.
  private static func changed(_ place: String) -> SwaplineError {
    let original = FileSystem.target(of: place) ?? place
    return FileSystem.exists(original) ? changed(input: original) : gone(original)
  }

  private static func gone(_ original: String) -> SwaplineError {
    SwaplineError(
      .notFound, "\(original) was removed while the run used it.",
      hint: "Put it back and run the same command again: inputs are used where they are.")
  }

  /// The error for an input whose bytes changed while they were read.
  package static func changed(input original: String) -> SwaplineError {
    SwaplineError(
      .damaged, "\(original) was changed while the run used it; nothing made of it is kept.",
      hint: "Wait until nothing writes to it, and run the same command again.")
  }
}
