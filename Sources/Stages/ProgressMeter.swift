import Core
import Curl
import Pipelines
import Synchronization

/// Tells of a long transfer once a second, and of a short one never.
final class ProgressMeter: Sendable {
  private let context: StageContext
  private let last = LockedInstant()
  private let received = Mutex<PartialDownload?>(nil)

  init(_ context: StageContext) {
    self.context = context
  }

  /// What this try has brought so far; nil before the file's first byte.
  var latest: PartialDownload? { received.withLock { $0 } }

  func note(_ partial: PartialDownload) {
    received.withLock { $0 = partial }
    guard last.advance(by: .seconds(1)) else { return }
    let received = ByteSize(bytes: partial.received).rounded
    let total = partial.total.map { " of \(ByteSize(bytes: $0).rounded)" } ?? ""
    context.progress("\(received)\(total)")
  }
}
