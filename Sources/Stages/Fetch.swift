import Core
import Curl
import Files
import Pipelines

/// Brings scene and face into the run's folder and measures them.
public struct Fetch: Stage {
  /// Where addresses may lead.
  public enum Addresses: String, WordParameter {
    /// Public addresses only.
    case `public`
    /// Also this machine's own.
    case loopback
    /// Everywhere, private networks included.
    case any
  }

  /// Maximum size of one file.
  public var maximumSize: ByteSize
  /// Maximum time for one file.
  public var timeout: TimeSpan
  /// Maximum number of redirects followed.
  public var redirects: Int
  /// How often an interrupted transfer is resumed.
  public var retries: Int
  /// Where addresses may lead, checked after name resolution and at every redirect.
  public var addresses: Addresses

  /// Fetches with these limits.
  public init(
    maximumSize: ByteSize, timeout: TimeSpan = .minutes(5), redirects: Int = 5, retries: Int = 3,
    addresses: Addresses = .public
  ) {
    self.maximumSize = maximumSize
    self.timeout = timeout
    self.redirects = redirects
    self.retries = retries
    self.addresses = addresses
  }

  /// Fetches files of at most 200 MB from public addresses.
  public init() {
    self.init(maximumSize: .megabytes(200))
  }

  public static let declaration = StageDeclaration<Fetch>(
    "fetch", "Fetches scene and face from a path, a URL or standard input, and measures them.",
    example: "fetch: { maximum_size: 50MB, timeout: 2m }",
    parameters: [
      Parameter("maximum_size", \.maximumSize, "Maximum size of one file.") {
        $0.bytes > 0 ? nil : "A file has more than 0 bytes."
      },
      Parameter("timeout", \.timeout, "Maximum time for one file.") {
        $0.milliseconds > 0 ? nil : "A transfer takes some time."
      },
      Parameter("redirects", \.redirects, in: 0...20, "Maximum number of redirects followed."),
      Parameter(
        "retries", \.retries, in: 0...20, "How often an interrupted transfer is resumed."),
      Parameter(
        "addresses", \.addresses,
        "Where URLs may lead: public addresses, also this machine's (loopback), or any."),
    ])

  public func run(_ input: Requested, in context: StageContext) async throws -> Fetched {
    var asset = input.asset
    let references = Role.allCases.compactMap { role in
      asset.item.reference(for: role).map { (role, $0) }
    }
    let shared = try context.resources.require(SharedFetchesKey.self)
    let localOverHTTP = context.resources[LocalFilesKey.self] != nil
    try await withThrowingTaskGroup(of: (Role, Media).self) { group in
      for (role, reference) in references {
        group.addTask {
          do {
            let (media, _) = try await shared.value(of: "\(self) \(reference)") {
              try await FileFetch(stage: self, context: context).media(reference)
            }
            return (role, media)
          } catch let error as SwaplineError {
            let shown = reference.shownAddress
            throw error.at(
              error.message.contains(shown) ? role.rawValue : "\(role.rawValue) \(shown)")
          }
        }
      }
      for try await (role, media) in group { asset.media[role] = media }
    }
    asset.fetched = asset.media.mapValues(\.digest)
    context.note(
      references.compactMap { role, reference in
        let isLocal = reference == "-" || LocalReference.path(reference) != nil
        let way = isLocal && !localOverHTTP ? "" : " over HTTP"
        return asset.media[role].map { media in
          "\(role.rawValue) \(media.uprightWidth)x\(media.uprightHeight) \(media.format) "
            + "\(ByteSize(bytes: media.size).rounded)\(way)"
        }
      }.joined(separator: ", "))
    return try Fetched(asset)
  }
}
