import Core
import Curl
import Files
import HTTP

/// A part of a bucket in which results lie under their digests.
struct ResultsBucket: SharedResults {
  let host: S3Host
  /// What the objects' names begin with.
  let start: String

  private var place: S3Results { S3Results(host: host, start: start) }

  var shown: String { place.shown }

  func check() async throws { _ = try await place.check() }

  func put(_ media: Media, from path: String) async throws {
    let looked = try await host.send(
      "HEAD", start + media.sharedName, [:], body: .none, payload: Digest(of: "").hex,
      to: "tell of a file", passingStatus: 404)
    if looked.isSuccess, looked.headers.contentLength == media.size { return }
    // What a killed upload leaves in parts is no object, and is put anew.
    _ = try await place.put(
      ResultFile(
        path: path, key: media.sharedName, size: media.size, digest: media.digest,
        format: media.format), upload: nil, note: { _ in })
  }

  func take(_ media: Media, to path: String) async throws -> SharedResult {
    let key = start + media.sharedName
    let time = host.now()
    let url = SigV4(credentials: try await host.keys.current(at: time), region: host.region)
      .address(of: try host.bucket.address(of: key), lifetime: 3_600, at: time)
    let download: Download
    do {
      download = try await host.client.download(
        HTTPRequest(
          "GET", url, timeout: .seconds(3_600),
          stallLimit: .init(bytesPerSecond: 100, seconds: 60), maximumBytes: media.size,
          addressPolicy: .any), to: path)
    } catch let error as CurlError {
      FileSystem.remove(path)
      // It is longer than it should be.
      guard error.kind == .tooLarge else { throw SwaplineError(error) }
      _ = try await remove(media)
      return .damaged
    }
    guard download.response.status != 404 else {
      FileSystem.remove(path)
      return .missing
    }
    guard download.isWhole else {
      FileSystem.remove(path)
      // The storage's own words say which key or right is missing.
      _ = try await host.send(
        "GET", key, ["Range": "bytes=0-0"], body: .none, payload: Digest(of: "").hex,
        to: "give a file")
      throw SwaplineError(
        .unavailable, "The storage did not give \(media.sharedName).", hint: "Try again.")
    }
    let digest = try await ThreadPool.disk.run { _ in try FileSystem.digest(of: path) }
    guard digest == media.digest else {
      FileSystem.remove(path)
      _ = try await remove(media)
      return .damaged
    }
    return .whole
  }

  func remove(_ media: Media) async throws -> Bool {
    let key = start + media.sharedName
    let looked = try await host.send(
      "HEAD", key, [:], body: .none, payload: Digest(of: "").hex, to: "tell of a file",
      passingStatus: 404)
    guard looked.isSuccess else { return false }
    if let problem = await host.remove([key])[key] { throw problem }
    return true
  }
}

extension RemoteStorages {
  /// The place of results at `address`: a folder, or `s3://bucket/prefix`. Throws `SwaplineError` for what
  /// is no such place.
  package func results(at address: String) throws -> any SharedResults {
    if let location = S3Location(address) {
      return ResultsBucket(
        host: try bucket(location.bucket), start: location.key.isEmpty ? "" : location.key + "/")
    }
    guard !address.contains("://") else {
      throw SwaplineError(
        .usage, "'\(address.shownAddress)' is not a place for shared results.",
        hint: "Name a folder that all machines see, or s3://bucket/prefix.")
    }
    return ResultsFolder(address)
  }
}
