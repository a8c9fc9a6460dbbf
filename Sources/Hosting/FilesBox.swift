import Synchronization

/// Holds the files of a server that must run before its own address is known.
final class FilesBox: Sendable {
  private let content = Mutex<SignedFiles?>(nil)

  var files: SignedFiles? {
    get { content.withLock { $0 } }
    set { content.withLock { $0 = newValue } }
  }
}
