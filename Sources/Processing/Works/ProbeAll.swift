import Core

/// Measures many files: one message for all of them. The answers come in the same order.
public struct ProbeAllRequest: MediaWork {
  public typealias Answer = [ProbeOutcome]
  public static let name = "probe_all"

  /// What is asked of each file.
  public var requests: [ProbeRequest]

  /// A request to measure the files of `requests`.
  public init(_ requests: [ProbeRequest]) {
    self.requests = requests
  }

  public var file: String { requests.first?.file ?? "" }
}

/// What came of measuring one file of many.
public enum ProbeOutcome: Sendable, Hashable, Codable {
  /// The facts.
  case measured(Media)
  /// Why there are none.
  case failed(SwaplineError)

  enum CodingKeys: CodingKey, CaseIterable { case measured, failed }
}

extension MediaService {
  /// Measures many files. One that ends a worker costs the others a second try, one by one.
  public func probeAll(_ requests: [ProbeRequest]) async throws -> [ProbeOutcome] {
    do {
      let outcomes = try await perform(ProbeAllRequest(requests))
      if outcomes.count == requests.count { return outcomes }
    } catch is SwaplineError {}
    var outcomes: [ProbeOutcome] = []
    for request in requests {
      do {
        outcomes.append(.measured(try await probe(request)))
      } catch let error as SwaplineError {
        outcomes.append(.failed(error))
      }
    }
    return outcomes
  }
}
