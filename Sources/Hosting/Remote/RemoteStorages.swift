import Core
import Curl
import HTTP
import Synchronization

/// The storages that scenes come from and results go to, by address: `s3://bucket/…` and folders of WebDAV
/// servers.
///
/// Endpoint, region, profile and sign-in are those of the pipeline's host for the same bucket or folder;
/// without one, those of the environment, as AWS's own tools find them.
package final class RemoteStorages: Sendable {
  private let hosts: [String: HostRoute]
  private let environment: [String: String]
  private let client: HTTPClient
  private let buckets = Mutex<[String: S3Host]>([:])

  /// The storages of a pipeline with these entries of `hosts`.
  package init(
    hosts: [String: HostRoute], environment: [String: String], client: HTTPClient
  ) {
    self.hosts = hosts
    self.environment = environment
    self.client = client
  }

  /// An address of `location` that anybody may GET for `lifetime`, a week at most.
  package func address(of location: S3Location, lifetime: TimeSpan) async throws -> String {
    let host = try bucket(location.bucket)
    let seconds = min(max(60, lifetime.milliseconds / 1_000), SigV4.maximumLifetime)
    let time = host.now()
    return SigV4(credentials: try await host.keys.current(at: time), region: host.region)
      .address(of: try host.bucket.address(of: location.key), lifetime: seconds, at: time)
  }

  /// Throws what the storage has against giving the object at `location`, in its own words; returns where it
  /// has nothing.
  package func explain(_ location: S3Location) async throws {
    _ = try await bucket(location.bucket).send(
      "GET", location.key, ["Range": "bytes=0-0"], body: .none, payload: Digest(of: "").hex,
      to: "give \(location)")
  }

  /// The place at `address`, where results go. Throws `SwaplineError` for what is no such place.
  package func place(at address: String) throws -> any ResultPlace {
    if let location = S3Location(address) {
      return S3Results(
        host: try bucket(location.bucket), start: location.key.isEmpty ? "" : location.key + "/")
    }
    guard address.hasPrefix("https://") || address.hasPrefix("http://") else {
      throw SwaplineError(
        .usage, "'\(address.shownAddress)' is not a place for results.",
        hint: "Name a folder, s3://bucket/prefix, or the address of a WebDAV folder.")
    }
    return WebDAVResults(host: try folder(address))
  }

  /// The bucket called `name`.
  func bucket(_ name: String) throws -> S3Host {
    if let known = buckets.withLock({ $0[name] }) { return known }
    let entry = hosts.sorted { $0.key < $1.key }
      .first { $0.value.kind == "s3" && $0.value.values["bucket"] == name }
    var values = entry?.value.values ?? [:]
    values["bucket"] = name
    if values["endpoint"] == nil {
      values["endpoint"] = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].lazy
        .compactMap { self.environment[$0] }.first { !$0.isEmpty }
    }
    let made = try HostDescriptor.s3.make(settings("s3://\(name)", values))
    guard let host = made as? S3Host else {
      throw SwaplineError(.internal, "The bucket '\(name)' was made as something else.")
    }
    return buckets.withLock { buckets in
      buckets[name, default: host]
    }
  }

  private func folder(_ address: String) throws -> WebDAVHost {
    let entry = hosts.sorted { $0.key < $1.key }.first { _, route in
      guard route.kind == "webdav", var url = route.values["url"] else { return false }
      while url.hasSuffix("/") { url.removeLast() }
      return address == url || address.hasPrefix(url + "/")
    }
    var values = entry?.value.values ?? [:]
    values["url"] = address
    values["public_base"] = nil
    let made = try HostDescriptor.webDAV.make(settings(address, values))
    guard let host = made as? WebDAVHost else {
      throw SwaplineError(.internal, "The folder '\(address)' was made as something else.")
    }
    return host
  }

  private func settings(_ name: String, _ values: [String: String]) -> HostSettings {
    HostSettings(name: name, values: values, environment: environment, client: client)
  }
}
