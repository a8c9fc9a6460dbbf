import AV
import Core
import Glibc
import Processing

/// A film that is written, and gets its name only when it is whole.
final class FilmFile {
  let output: OutputFile
  private let path: String
  private let partial: String
  private var isWhole = false

  /// A film that will be at `path`; `base` is the name that the request gave, where `path` has an
  /// extension added to it.
  init(_ path: String, base: String? = nil, _ container: FilmContainer, halt: Halt) throws {
    self.path = path
    partial = PartialFile.path(for: base ?? path, process: getpid())
    do {
      output = try OutputFile(partial, container.container, halt: halt)
    } catch {
      throw Self.translated(error, path)
    }
  }

  deinit {
    if !isWhole { unlink(partial) }
  }

  /// Ends the film, syncs it and puts it in its place.
  func finish() throws {
    try writing { try output.finish() }
    let descriptor = open(partial, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw PartialFile.failure(errno, path) }
    let status = fsync(descriptor)
    let code = errno
    close(descriptor)
    guard status == 0 else { throw PartialFile.failure(code, path) }
    guard rename(partial, path) == 0 else { throw PartialFile.failure(errno, path) }
    isWhole = true
    try PartialFile.syncFolder(of: path)
  }

  /// Runs work that writes this film.
  func writing<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as AVError {
      throw Self.translated(error, path)
    }
  }

  private static func translated(_ error: AVError, _ path: String) -> any Error {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return switch error.kind {
    case .interrupted: CancellationError()
    case .write(let code): PartialFile.failure(code, path)
    case .missing:
      SwaplineError(
        .unsupported, "The installed libav cannot write \(name): \(error.detail).",
        hint: "Install Debian's own libavcodec; `swapline doctor` lists what can be written.")
    case .memory:
      SwaplineError(
        .limit, "Writing \(name) needs more memory than media work may use.",
        hint: "Ask for a smaller one, or allow more memory for media work.")
    default:
      SwaplineError(
        .unsupported, "\(name) cannot be written: \(error.detail).",
        hint: "Ask for mp4, which holds what Swapline encodes.")
    }
  }
}
