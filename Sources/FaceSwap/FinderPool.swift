import Faces
import Processing
import Synchronization

/// Face finders that wait for their next user: one is slow to make and serves one thread. What was found
/// in the last pictures is kept: `validate`, posters and the swap look at the same ones.
final class FinderPool: Sendable {
  /// How many pictures are remembered.
  private static let most = 32

  private struct Seen {
    let fingerprint: [UInt64]
    let onlyLargest: Bool
    let faces: [FoundFace]
  }

  private let networks: EngineNetworks
  private let idle = Mutex<[FaceFinder]>([])
  private let seen = Mutex<[Seen]>([])

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

  /// The faces of a picture, as `FaceFinder.find` tells them.
  func find(in picture: RGBPicture, onlyLargest: Bool = false) throws -> [FoundFace] {
    let print = picture.fingerprint
    let known = seen.withLock { seen in
      // The first of all faces is the largest.
      seen.last { $0.fingerprint == print && (!$0.onlyLargest || onlyLargest) }
    }
    if let known { return known.faces }
    let faces = try lend { try $0.find(in: picture, onlyLargest: onlyLargest) }
    seen.withLock { seen in
      if seen.count >= Self.most { seen.removeFirst() }
      seen.append(Seen(fingerprint: print, onlyLargest: onlyLargest, faces: faces))
    }
    return faces
  }
}
