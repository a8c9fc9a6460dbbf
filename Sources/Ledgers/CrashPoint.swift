import Glibc
import Synchronization

/// Kills this process at a chosen moment, so that it can be tried what a kill there does:
/// `SWAPLINE_DIE_AT=7` is the seventh moment before or behind a write of the ledger. `make torture`
/// goes through all of them; nobody else sets it.
final class CrashPoint: Sendable {
  static let shared = CrashPoint()

  private let moment = getenv("SWAPLINE_DIE_AT").flatMap { Int(String(cString: $0)) }
  private let passed = Mutex(0)

  /// One more moment has come.
  func hit() {
    guard let moment else { return }
    let number = passed.withLock { passed in
      passed += 1
      return passed
    }
    if number == moment { kill(getpid(), SIGKILL) }
  }
}
