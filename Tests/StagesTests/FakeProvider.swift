import Core
import FoundationEssentials
import Hosting
import Providers
import Synchronization

/// A provider whose every answer is written down beforehand, and which counts what it is sent.
final class FakeProvider: Provider {
  /// Answers one question about a task; the number counts the questions about it from one.
  typealias Status = @Sendable (_ task: String, _ number: Int) async throws -> TaskStatus

  private struct State {
    var submissions: [SwapSubmission] = []
    var outcomes: [SubmissionOutcome]
    var status: Status
    var questions: [String: Int] = [:]
    var whileAsked: (@Sendable () async throws -> Void)?
    var whileSubmitted: @Sendable () -> Void = {}
  }

  let name = "crun"
  let models: [ProviderModel]
  let answersQueries: Bool
  private let state: Mutex<State>

  /// A provider that gives each submission the next outcome, the last one for ever.
  init(
    _ outcomes: SubmissionOutcome..., faceIndices: ClosedRange<Int> = 0...3,
    answersQueries: Bool = true, kinds: [MediaKind] = [.image], requestsPerMinute: Int? = nil,
    status: @escaping Status = { _, _ in .waiting("queued") }
  ) {
    var profile = ProviderProfile.crunImage
    profile.faceIndices = Sourced(faceIndices, .ours, source: "the test")
    if let requestsPerMinute {
      profile.requestsPerMinute = Sourced(requestsPerMinute, .ours, source: "the test")
    }
    models = kinds.map { kind in
      var own = profile
      own.kinds = Sourced([kind], .ours, source: "the test")
      return ProviderModel("fake-\(kind.rawValue)", own)
    }
    self.answersQueries = answersQueries
    state = Mutex(State(outcomes: outcomes, status: status))
  }

  /// What was submitted so far.
  var submissions: [SwapSubmission] { state.withLock { $0.submissions } }
  /// How often it was asked about each task.
  var questions: [String: Int] { state.withLock { $0.questions } }

  /// From now on it answers so.
  func answer(_ outcomes: SubmissionOutcome..., status: Status? = nil) {
    state.withLock { state in
      state.outcomes = outcomes
      if let status { state.status = status }
    }
  }

  /// Does `body` once while it is asked for the account's balance, which is not known.
  func whileAskedForTheBalance(_ body: @escaping @Sendable () async throws -> Void) {
    state.withLock { $0.whileAsked = body }
  }

  /// Does `body` in each submission, before it is answered.
  func whileSubmitted(_ body: @escaping @Sendable () -> Void) {
    state.withLock { $0.whileSubmitted = body }
  }

  func balance() async throws -> Double? {
    let body = state.withLock { state in
      defer { state.whileAsked = nil }
      return state.whileAsked
    }
    try await body?()
    return nil
  }

  func submit(_ submission: SwapSubmission) async -> SubmissionOutcome {
    state.withLock(\.whileSubmitted)()
    return state.withLock { state in
      state.submissions.append(submission)
      if state.outcomes.count > 1 { return state.outcomes.removeFirst() }
      return state.outcomes.first ?? .accepted(taskID: "task-\(state.submissions.count)")
    }
  }

  func status(of taskID: String) async throws -> TaskStatus {
    let (status, number) = state.withLock { state in
      state.questions[taskID, default: 0] += 1
      return (state.status, state.questions[taskID] ?? 0)
    }
    return try await status(taskID, number)
  }
}

/// A host whose addresses work for a while, each in turn; which one was given stands in its query.
final class PassingHost: Hosting.Host {
  private let times: Mutex<(left: [Double], given: Int)>

  /// The first address works for the first of `seconds`, and so on; the last one goes on.
  init(_ seconds: [Double]) { times = Mutex((seconds, 0)) }

  var given: Int { times.withLock(\.given) }

  func publish(_ file: HostedFile) async throws -> HostedAddress {
    let (seconds, number) = times.withLock { times in
      times.given += 1
      return (times.left.count > 1 ? times.left.removeFirst() : times.left[0], times.given)
    }
    let end = Int64(Date.now.timeIntervalSince1970 + seconds)
    return HostedAddress(url: "http://host.test/\(file.name)?\(number)", expires: end)
  }
}

/// A host that only gives names: the fake provider fetches nothing.
struct FakeHost: Hosting.Host {
  var withdrawsFiles = false

  /// A kind of host with settings of every sort.
  static let store = HostDescriptor(
    name: "store", summary: "A store of the test.",
    settings: [
      HostSetting("bucket", "Where in the store.", isRequired: true) {
        $0.contains(" ") ? "A bucket has no spaces." : nil
      },
      HostSetting("style", "How it is written.", words: ["path", "host"]),
    ]
  ) { _ in FakeHost() }

  func publish(_ file: HostedFile) async throws -> HostedAddress {
    HostedAddress(url: "http://host.test/\(file.name)", expires: 4_000_000_000)
  }
}
