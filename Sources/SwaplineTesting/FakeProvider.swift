import Core
import Files
import Hosting
import Providers
import Stages
import Swapline
import Synchronization

/// A vendor that answers as a test wants it to, and counts what it is sent. It stands in for whichever
/// providers the pipeline names, with their own limits and prices; its results are the scene's bytes
/// with the face's behind them.
public final class FakeProvider: Sendable {
  /// What comes of one submission.
  public enum Answer: Sendable {
    /// It is taken, and its result is there at the first question.
    case succeeds
    /// It is taken and fails; nothing is charged.
    case fails(SwaplineError)
    /// It is declined for good; nothing is charged.
    case refused(SwaplineError)
    /// It is declined for now.
    case busy
    /// No answer comes: it may have been charged.
    case lost
  }

  /// One submission.
  public struct Submission: Sendable, Hashable {
    /// SHA-256 of the scene's bytes.
    public let scene: Digest
    /// SHA-256 of the face's bytes.
    public let face: Digest
    /// Which face of the scene.
    public let faceIndex: Int
  }

  private struct State {
    var answers: [Answer]
    var submissions: [Submission] = []
    var tasks: [String: TaskStatus] = [:]
  }

  private let state: Mutex<State>
  private let credits: Double
  let host = MemoryHost()

  /// A provider that gives each submission the next answer, the last one for ever, and charges `credits`
  /// for each swap that succeeds.
  public init(_ answers: Answer..., credits: Double = 1) {
    state = Mutex(State(answers: answers.isEmpty ? [.succeeds] : answers))
    self.credits = credits
  }

  /// What was submitted so far, in order.
  public var submissions: [Submission] { state.withLock(\.submissions) }

  /// From now on it answers so.
  public func answer(_ answers: Answer...) {
    state.withLock { $0.answers = answers.isEmpty ? [.succeeds] : answers }
  }

  /// The provider as a run sees it under the name of a vendor. Results lie in `results`.
  func client(for descriptor: ProviderDescriptor, results: any Hosting.Host, folder: String)
    -> any Provider
  {
    FakeClient(
      name: descriptor.name, models: descriptor.models, provider: self, results: results,
      folder: folder)
  }

  fileprivate func submit(
    _ submission: SwapSubmission, results: any Hosting.Host, folder: String
  ) async -> SubmissionOutcome {
    do {
      let scene = try host.bytes(at: submission.sceneURL)
      let face = try host.bytes(at: submission.faceURL)
      let (answer, number) = state.withLock { state in
        state.submissions.append(
          Submission(
            scene: Digest(of: scene), face: Digest(of: face), faceIndex: submission.faceIndex))
        let answer = state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        return (answer, state.submissions.count)
      }
      let task = "fake-\(number)"
      switch answer {
      case .succeeds:
        let file = try hosted(scene + face, in: folder)
        let url = try await results.publish(file).url
        finish(task, .succeeded(SwapResult(urls: [url], credits: credits)))
        return .accepted(taskID: task)
      case .fails(let error):
        finish(task, .failed(error, credits: 0))
        return .accepted(taskID: task)
      case .refused(let error): return .refused(error)
      case .busy:
        return .busy(
          SwaplineError(.rateLimited, "The fake provider is busy."),
          retryAfter: TimeSpan(milliseconds: 1))
      case .lost:
        return .ambiguous(SwaplineError(.ambiguous, "The fake provider gave no answer."))
      }
    } catch {
      return .refused(error as? SwaplineError ?? SwaplineError(.internal, "\(error)"))
    }
  }

  fileprivate func status(of task: String) throws(SwaplineError) -> TaskStatus {
    guard let status = state.withLock({ $0.tasks[task] }) else {
      throw SwaplineError(.notFound, "The fake provider does not know task \(task).")
    }
    return status
  }

  private func finish(_ task: String, _ status: TaskStatus) {
    state.withLock { $0.tasks[task] = status }
  }

  private func hosted(_ bytes: [UInt8], in folder: String) throws -> HostedFile {
    guard let format = MediaFormat.sniff(bytes) else {
      throw SwaplineError(.damaged, "The scene is of no known format.")
    }
    let digest = Digest(of: bytes)
    let path = "\(folder)/\(digest.hex).\(format.name)"
    try FileSystem.write(bytes, to: path)
    return HostedFile(path: path, format: format, size: Int64(bytes.count), digest: digest)
  }
}

/// A fake provider under the name of one vendor, for one run.
private struct FakeClient: Provider {
  let name: String
  let models: [ProviderModel]
  let provider: FakeProvider
  let results: any Hosting.Host
  let folder: String

  func submit(_ submission: SwapSubmission) async -> SubmissionOutcome {
    await provider.submit(submission, results: results, folder: folder)
  }

  func status(of taskID: String) async throws -> TaskStatus { try provider.status(of: taskID) }
}
