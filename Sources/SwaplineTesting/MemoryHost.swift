import Core
import Files
import Hosting
import Synchronization

/// A host that only records the address of each file; the addresses cannot be fetched.
final class MemoryHost: Hosting.Host {
  private let files = Mutex<[String: String]>([:])

  /// Nobody but the fake provider asks here.
  let isProved = false

  func publish(_ file: HostedFile) async throws -> HostedAddress {
    let url = "https://memory.invalid/\(file.name)"
    files.withLock { $0[url] = file.path }
    return HostedAddress(url: url)
  }

  /// The bytes at an address. Throws `SwaplineError` for one that this host did not give.
  func bytes(at url: String) throws(SwaplineError) -> [UInt8] {
    guard let path = files.withLock({ $0[url] }) else {
      throw SwaplineError(.notFound, "There is nothing at \(url).")
    }
    return try FileSystem.read(path)
  }
}
