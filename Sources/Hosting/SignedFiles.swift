import Core
import MicroHTTPD
import Synchronization

/// Files that a server of this process gives out at signed addresses.
///
/// The wire-format server gives its results out through this too. A file stays where it is; it is
/// not copied, and it is forgotten when its last address has run out.
package final class SignedFiles: Sendable {
  private struct Entry {
    var path: String
    var contentType: String
    var entityTag: String
    var expires: Int64
    var fetches = 0
  }

  /// What the addresses are made with.
  package let links: SignedLinks
  private let now: @Sendable () -> Int64
  private let entries = Mutex<[String: Entry]>([:])
  private let watch = FetchWatch()

  /// Files below `base`, which leads to a route with `{name}` that calls `respond`.
  package init(
    base: String, signer: Signer = Signer(), now: @escaping @Sendable () -> Int64 = Clock.epoch
  ) {
    links = SignedLinks(base: base, signer: signer, now: now)
    self.now = now
  }

  /// How often the file called `name` was asked for.
  package func fetches(of name: String) -> Int { entries.withLock { $0[name]?.fetches ?? 0 } }

  /// Waits until the file called `name` was asked for more than `count` times. Throws
  /// `CancellationError` when the calling task is cancelled.
  package func waitForFetch(of name: String, beyond count: Int) async throws {
    try await watch.wait { self.fetches(of: name) > count }
  }

  /// How many files are remembered.
  package var count: Int { entries.withLock { $0.count } }

  /// Gives the file out, and says where.
  package func add(_ file: HostedFile) -> HostedAddress {
    let address = links.address(of: file.name, lifetime: file.lifetime)
    let expires = address.expires ?? 0
    let time = now()
    entries.withLock { entries in
      if entries.count >= 1_024, entries.count.nonzeroBitCount == 1 {
        // Only when the number has doubled, so that forgetting costs little.
        entries = entries.filter { $0.value.expires > time }
      }
      let known = entries[file.name]
      entries[file.name] = Entry(
        path: file.path, contentType: file.format.mimeType, entityTag: file.digest.hex,
        expires: max(known?.expires ?? 0, expires), fetches: known?.fetches ?? 0)
    }
    return address
  }

  /// Answers GET and HEAD of the address of the file called `name`: 403 when the signature is not
  /// ours, 410 when its time is over, 404 when the file is not known or gone.
  package func respond(name: String, to head: RequestHead) -> ServerResponse {
    switch links.check(name, head.query) {
    case .forged: return .text(403, "This address was not made here, or was changed.\n")
    case .expired: return .text(410, "This address has expired.\n")
    case .valid: break
    }
    let isFetch = head.method == "GET"
    let found = entries.withLock { entries -> Entry? in
      guard var entry = entries[name] else { return nil }
      if isFetch {
        entry.fetches += 1
        entries[name] = entry
      }
      return entry
    }
    guard let entry = found else { return .text(404, "There is no such file.\n") }
    if isFetch { watch.tell() }
    var answer = ServerResponse.file(
      entry.path, contentType: entry.contentType, entityTag: entry.entityTag)
    answer.headers["Cache-Control"] = "private, max-age=\(max(0, entry.expires - now()))"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
  }
}
