import Core
import Hosting
import Pipelines

/// The hosts of a pipeline's stage, tried in order until one takes a file.
struct HostTrial: Sendable {
  /// Where a file was put, and which hosts before that one did not take it, and why.
  struct Placement: Sendable {
    var host: String
    var address: HostedAddress
    var declined: [(host: String, error: SwaplineError)]
  }

  private let hosts: [(name: String, host: any Hosting.Host)]

  init(_ names: [String], in context: StageContext) throws {
    let ready = try context.resources.require(HostsKey.self)
    hosts = try names.map { name in
      guard let host = ready[name] else {
        throw SwaplineError(.internal, "The host '\(name)' was not made ready for this run.")
      }
      return (name, host)
    }
  }

  /// What knows who has fetched the file at `url`; nil where no host that gave it can tell.
  func counter(of url: String) -> (any FetchCounting)? {
    hosts.lazy.compactMap(\.host.fetchCounter).first { $0.gave(url) }
  }

  /// Whether files of hosts that cannot tell who has fetched them may be gone when the run ends.
  var withdrawsUncounted: Bool {
    hosts.contains { $0.host.withdrawsFiles && $0.host.fetchCounter == nil }
  }

  /// Puts the file on the first host that takes it. Throws the only host's error, or one that names
  /// every host's.
  func publish(_ file: HostedFile) async throws -> Placement {
    var declined: [(host: String, error: SwaplineError)] = []
    for (name, host) in hosts {
      do {
        let address = try await host.publish(file)
        return Placement(host: name, address: address, declined: declined)
      } catch let error as SwaplineError {
        // No host can take a file that is not there as it was.
        if hosts.count == 1 || error.code == .notFound || error.code == .damaged { throw error }
        declined.append((name, error))
      }
    }
    let reasons = declined.map { "'\($0.host)': \($0.error.message)" }
    throw SwaplineError(
      declined.last?.error.code ?? .internal,
      "None of the hosts took the file. \(reasons.joined(separator: " "))",
      hint: declined.last?.error.hint)
  }
}
