import Core
import Hosting
import Pipelines

/// The hosts of a pipeline's stage, tried in order until one takes a file.
struct HostTrial: Sendable {
  /// A file was put, and a stranger would not get it: another host may serve it better.
  private struct Unproved: Error {
    var reason: SwaplineError
  }

  /// Where a file was put, and which hosts before that one did not take it, and why.
  struct Placement: Sendable {
    var host: String
    var address: HostedAddress
    var declined: [(host: String, error: SwaplineError)]
  }

  private let hosts: [(name: String, host: any Hosting.Host)]
  private let proof: StrangerProof?
  private let needs: FetchNeeds

  init(_ names: [String], in context: StageContext) throws {
    let ready = try context.resources.require(HostsKey.self)
    hosts = try names.map { name in
      guard let host = ready[name] else {
        throw SwaplineError(.internal, "The host '\(name)' was not prepared for this run.")
      }
      return (name, host)
    }
    proof = context.resources[StrangerProofKey.self]
    let models = (context.resources[ProvidersKey.self] ?? [:]).values.flatMap(\.provider.models)
    needs = models.reduce(FetchNeeds()) { $0.joined($1.profile.fetchNeeds.value) }
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
    var file = file
    file.needs = needs
    var declined: [(host: String, error: SwaplineError)] = []
    for (name, host) in hosts {
      do {
        let address = try await proved(file, name, host)
        return Placement(host: name, address: address, declined: declined)
      } catch let error as SwaplineError {
        // No host can take a file that is not there as it was.
        if hosts.count == 1 || error.code == .notFound || error.code == .damaged { throw error }
        declined.append((name, error))
      } catch let unproved as Unproved {
        if hosts.count == 1 { throw unproved.reason }
        declined.append((name, unproved.reason))
      }
    }
    let reasons = declined.map { "'\($0.host)': \($0.error.message)" }
    throw SwaplineError(
      declined.last?.error.code ?? .internal,
      "None of the hosts took the file. \(reasons.joined(separator: " "))",
      hint: declined.last?.error.hint)
  }

  /// Puts the file, and looks at its address as the provider will.
  private func proved(
    _ file: HostedFile, _ name: String, _ host: any Hosting.Host
  ) async throws -> HostedAddress {
    let address = try await host.publish(file)
    guard let proof, host.isProved else { return address }
    let isEarlier = host.placed?.isEarlier(file) == true
    do {
      try await proof.check(address, of: file, on: name, isFresh: !isEarlier)
      return address
    } catch let error as SwaplineError where isEarlier {
      // What an earlier run has put may be gone: a bucket's own rule, or somebody, has removed it.
      guard [.notFound, .damaged].contains(error.code) else { throw Unproved(reason: error) }
      host.placed?.forget(file)
    } catch let error as SwaplineError {
      throw Unproved(reason: error)
    }
    let fresh = try await host.publish(file)
    do {
      try await proof.check(fresh, of: file, on: name)
    } catch let error as SwaplineError {
      throw Unproved(reason: error)
    }
    return fresh
  }
}
