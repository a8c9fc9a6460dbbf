import Core

/// One piece of media work, as a value: files in, files out, nothing else.
///
/// The same work is done inside the process or in a worker process; pixels never cross the line. A kind
/// of work is one file under `Works/`, which holds what is asked and what is answered, and one line in
/// `InProcessMedia.works`, which says what does it.
public protocol MediaWork: Sendable, Hashable, Codable {
  /// What the work gives back.
  associatedtype Answer: Sendable, Hashable, Codable
  /// What the kind of work is called between processes.
  static var name: String { get }
  /// The absolute path of the file that the work is mainly about: the one to name when it fails. Empty
  /// for work that is about no file.
  var file: String { get }
  /// The places that the work writes to, as it names them.
  var outputs: [String] { get }
}

extension MediaWork {
  /// Nothing: most work only looks.
  public var outputs: [String] { [] }

  /// `answer` as what this kind of work gives: for services that tell kinds apart by a cast.
  ///
  /// Throws `SwaplineError` of code `internal` for anything else.
  public func answer(_ answer: Any) throws -> Answer {
    guard let answer = answer as? Answer else {
      throw SwaplineError(
        .internal, "The media service answered the work '\(Self.name)' with something else.",
        hint: "Use a worker of the same version as the command.")
    }
    return answer
  }
}

/// Whatever does media work: worker processes, or this process itself.
///
/// Errors are `SwaplineError`, or `CancellationError` when the calling task was cancelled. Files
/// are written to a temporary name beside their place, synced and renamed; where a request has `syncs`, it says
/// whether still pictures are synced.
public protocol MediaService: Sendable {
  /// Does one piece of work.
  func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer
}
