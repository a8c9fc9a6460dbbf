import Glibc
import Synchronization

/// Kills this process at a chosen moment, so that it can be tried what a kill there does:
/// `SWAPLINE_DIE_AT=7` is the seventh moment before or behind a write of the ledger. `make torture`
/// goes through all of them; nobody else sets it.
final class SuddenEnd: Sendable {
  static let shared = SuddenEnd()

  private let moment = getenv("SWAPLINE_DIE_AT").flatMap { Int(String(cString: $0)) }
  private let passed = Mutex(0)

  /// One more moment has come.
  func pass() {
    guard let moment else { return }
    let number = passed.withLock { passed in
      passed += 1
      return passed
    }
    if number == moment { kill(getpid(), SIGKILL) }
  }
}
