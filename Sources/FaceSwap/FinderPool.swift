import Faces
import Processing
import Synchronization

/// Face finders that wait for their next user: one is slow to make and serves one thread.
final class FinderPool: Sendable {
  private let networks: EngineNetworks
  private let idle = Mutex<[FaceFinder]>([])

  init(networks: EngineNetworks) {
    self.networks = networks
  }

  /// Runs `body` with a finder that nobody else uses meanwhile.
  func lend<Result>(_ body: (FaceFinder) throws -> Result) throws -> Result {
    let waiting = idle.withLock { $0.popLast() }
    let finder =
      try waiting
      ?? FaceFinder(detector: try networks.read(.detector), mesh: try networks.read(.mesh))
    defer { idle.withLock { $0.append(finder) } }
    return try body(finder)
  }
}
