import Core
import Curl
import Files
import FoundationEssentials
import Hosting
import Pipelines

/// Scenes, faces and lists of items that lie elsewhere, found before a run: `s3://bucket/photos/*.jpg`,
/// `s3://bucket/list.csv`, `https://example.com/list.csv`.
///
/// Endpoint, region, profile and sign-in are those of the pipeline's host for the same bucket; without one,
/// those of the environment, as AWS's own tools find them.
public struct RemoteFiles: Sendable {
  private let hosts: [String: HostRoute]
  private let environment: [String: String]

  /// The most bytes of a list of items.
  private static let maximumList: Int64 = 4 << 30

  /// What a pipeline's items may name elsewhere.
  public init(
    for pipeline: Pipeline, environment: [String: String] = ProcessEnvironment.variables
  ) {
    hosts = pipeline.hosts
    self.environment = environment
  }

  /// The files that references mean: `s3://bucket/folder/` is the media below it, a pattern what it matches,
  /// page by page; whatever else is given back as it is. `progress` is told how many names have been seen.
  /// Throws `SwaplineError`.
  public func files(
    _ references: [String], progress: (Int) -> Void = { _ in }
  ) async throws -> [String] {
    guard references.contains(where: { $0.hasPrefix("s3://") }) else { return references }
    return try await withStorages { storages, _ in
      var found: [String] = []
      for reference in references {
        if reference.hasPrefix("s3://") {
          let location = try Self.location(reference)
          found += try await storages.files(matching: location, progress: progress)
        } else {
          found.append(reference)
        }
      }
      return found
    }
  }

  /// Whether `path` names a list that lies elsewhere.
  public static func isRemote(_ path: String) -> Bool {
    ["s3://", "https://", "http://"].contains(where: path.hasPrefix)
  }

  /// The address that relative references of a list at `address` count from.
  public static func base(of address: String) -> String {
    let plain = address.prefix { $0 != "?" && $0 != "#" }
    return plain.lastIndex(of: "/").map { String(plain[..<$0]) } ?? address
  }

  /// Brings a list of items into a file in `folder`, readable by its user alone, and gives its path: the same
  /// for the same address. Throws `SwaplineError`.
  public func list(_ address: String, into folder: String) async throws -> String {
    try await withStorages { storages, client in
      var url = address
      let location = address.hasPrefix("s3://") ? try Self.location(address) : nil
      if let location { url = try await storages.address(of: location, lifetime: .hours(1)) }
      try await ThreadPool.disk.run { _ in try FileSystem.makeFolder(folder) }
      let path = "\(folder)/\(Digest(of: address).hex.prefix(16))"
      let fresh = path + "-" + UUID().uuidString
      do {
        let request = HTTPRequest(
          "GET", url, timeout: .seconds(3_600), maximumRedirects: 5,
          maximumBytes: Self.maximumList, addressPolicy: .any)
        let download = try await client.download(request, to: fresh)
        guard download.isWhole else {
          throw SwaplineError(
            .network, "\(address.shownAddress) was answered with \(download.response.status).",
            hint: "Check the address.")
        }
        PrivateFiles.close(below: fresh)
        try FileSystem.move(fresh, to: path)
        return path
      } catch {
        FileSystem.remove(fresh)
        if let location { try await storages.explain(location) }
        guard let failed = error as? CurlError else { throw error }
        throw SwaplineError(
          .network, "\(address.shownAddress): \(failed.detail)",
          hint: "Check the address and the network.")
      }
    }
  }

  private static func location(_ reference: String) throws(SwaplineError) -> S3Location {
    guard let location = S3Location(reference) else {
      throw SwaplineError(
        .usage, "'\(reference)' names no bucket.", hint: "Write s3://bucket/name.")
    }
    return location
  }

  private func withStorages<Value>(
    _ body: (RemoteStorages, HTTPClient) async throws -> Value
  ) async throws -> Value {
    let client = HTTPClient(HTTPClient.Options(userAgent: "swapline/\(SwaplineVersion.text)"))
    defer { client.shutdown() }
    let storages = RemoteStorages(hosts: hosts, environment: environment, client: client)
    return try await body(storages, client)
  }
}
