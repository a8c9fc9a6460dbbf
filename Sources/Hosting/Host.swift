import Core
import Files
import Ledgers

/// A place that puts a file at a URL, where a provider can fetch it.
///
/// A host is one file under `Hosts/` and one line in `Hosts.all`; the conformance suite in its tests
/// says what every host must do.
package protocol Host: Sendable {
  /// Puts the file at a URL that works at least for the lifetime wanted, where the host has a say in
  /// that. Publishing the same bytes again is no error. Throws `SwaplineError`, or
  /// `CancellationError` when the calling task was cancelled.
  func publish(_ file: HostedFile) async throws -> HostedAddress

  /// What knows who has fetched the files; nil for a host that leaves the giving out to others.
  var fetchCounter: (any FetchCounting)? { get }

  /// Whether its addresses may stop working when the run ends.
  var withdrawsFiles: Bool { get }

  /// Whether its addresses are looked at as a stranger before something is submitted.
  var isProved: Bool { get }

  /// Proves that what leads to this process from outside does. Throws `SwaplineError`.
  func proveAccess(_ proof: StrangerProof) async throws

  /// Where providers tell that tasks have ended; nil for a host that takes no callbacks.
  var callbacks: CallbackBoard? { get }

  /// What it has put somewhere; nil for a host that puts nothing anywhere.
  var placed: PlacedFiles? { get }

  /// Removes what lies under these keys, and gives by key why what stays does; what is not there is
  /// removed. `PlacedFiles` keeps the keys.
  func remove(_ keys: [String]) async -> [String: SwaplineError]

  /// Gives up a file that was begun to be put in parts. Throws `SwaplineError`.
  func abandon(_ entry: HostingRecord.Entry) async throws

  /// Ends what the host has running in this process and takes back what it put for this run, unless
  /// the calling task is cancelled; its addresses may stop working. Throws `SwaplineError` that says
  /// what remains.
  func stop() async throws
}

extension Host {
  /// Most hosts leave the giving out to others.
  package var fetchCounter: (any FetchCounting)? { nil }
  /// Most hosts leave files where they were put.
  package var withdrawsFiles: Bool { false }
  /// Most hosts put files where others must get at them.
  package var isProved: Bool { true }
  /// Most hosts are elsewhere.
  package func proveAccess(_ proof: StrangerProof) async throws {}
  /// Most hosts take no callbacks.
  package var callbacks: CallbackBoard? { nil }
  /// Some hosts put nothing anywhere.
  package var placed: PlacedFiles? { nil }
  /// Nothing was put.
  package func remove(_ keys: [String]) async -> [String: SwaplineError] { [:] }
  /// Most hosts put files whole.
  package func abandon(_ entry: HostingRecord.Entry) async throws {}
  /// Nothing runs in this process, and nothing is taken back.
  package func stop() async throws {}
}

/// What knows which hosted files were fetched.
package protocol FetchCounting: Sendable {
  /// Whether this host gave the address `url`.
  func gave(_ url: String) -> Bool
  /// How often the file at `url`, an address that this host gave, was asked for.
  func fetches(of url: String) -> Int
  /// Waits until the file at `url` was asked for more than `count` times. Throws `CancellationError`
  /// when the calling task is cancelled.
  func waitForFetch(of url: String, beyond count: Int) async throws
}

/// A file to be hosted. It stays where it is, unchanged, as long as its address is used.
package struct HostedFile: Sendable, Hashable {
  /// Where it is on this machine.
  package var path: String
  /// Its format by content; gives the URL its extension and the answer its type.
  package var format: MediaFormat
  /// Its length in bytes.
  package var size: Int64
  /// SHA-256 of its bytes.
  package var digest: Digest
  /// How long its address should work.
  package var lifetime: TimeSpan
  /// The address that exactly these bytes were fetched from; nil when they came from elsewhere.
  package var origin: String?
  /// The item that uses the file, until that item ends; nil for a file whose uses are not counted.
  package var item: String?
  /// What whoever fetches it is known to need.
  package var needs = FetchNeeds()

  /// A file to be hosted.
  package init(
    path: String, format: MediaFormat, size: Int64, digest: Digest,
    lifetime: TimeSpan = .hours(1), origin: String? = nil, item: String? = nil
  ) {
    self.path = path
    self.item = item
    self.format = format
    self.size = size
    self.digest = digest
    self.lifetime = lifetime
    self.origin = origin
  }

  /// The file at `path`, by the facts measured of it.
  package init(
    path: String, media: Media, lifetime: TimeSpan = .hours(1), origin: String? = nil,
    item: String? = nil
  ) {
    self.init(
      path: path, format: media.format, size: media.size, digest: media.digest,
      lifetime: lifetime, origin: origin, item: item)
  }

  /// Its name at a host: the digest and the format's extension.
  package var name: String { "\(digest.hex).\(format.name)" }
}

/// Where a hosted file can be fetched.
package struct HostedAddress: Sendable, Hashable, Codable {
  /// The URL.
  package var url: String
  /// When it stops working, in seconds since 1970; nil when the host does not say.
  package var expires: Int64?

  /// An address.
  package init(url: String, expires: Int64? = nil) {
    self.url = url
    self.expires = expires
  }
}
