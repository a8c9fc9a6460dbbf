import Core
import Curl
import FoundationEssentials
import HTTP
import Nettle

extension HostDescriptor {
  /// See `S3Host`.
  package static let s3 = HostDescriptor(
    name: "s3",
    summary: "A bucket of an S3 storage (AWS, R2, MinIO, Ceph, Swift), at signed addresses.",
    settings: [
      HostSetting("bucket", "The bucket's name.", isRequired: true) {
        S3Bucket.problem(with: $0)
      },
      HostSetting(
        "endpoint", "The storage's address; AWS's own for the region when it is not set."
      ) { text in
        HostSetting.addressProblem(text, "endpoint")
          ?? ((try? WebAddress(text))?.path == "/"
            ? nil : "'endpoint' must have no path, but '\(text.shownAddress)' has one.")
      },
      HostSetting(
        "region", "The bucket's region; that of the environment or the profile when it is not set."
      ) { text in
        !text.isEmpty && text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x2F })
          ? nil : "A region must be a word such as eu-central-1, not '\(text)'."
      },
      HostSetting(
        "style",
        "How the bucket appears in addresses: virtual (bucket.endpoint), AWS's way, or path "
          + "(endpoint/bucket), everybody else's when it is not set.",
        words: S3Bucket.Style.allCases.map(\.rawValue)),
      HostSetting(
        "prefix", "Prefix of object names, usually a folder.",
        defaultValue: "swapline/"
      ) { text in
        text.utf8.count <= 500 && !text.hasPrefix("/")
          && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
          && !text.split(separator: "/").contains { $0 == "." || $0 == ".." }
          ? nil : "A prefix must be a path such as inputs/, not '\(text)'."
      },
      HostSetting(
        "profile", "The profile of ~/.aws whose keys are used, before those of the environment."),
      .publicBase, .keep,
      HostSetting(
        "tag",
        "A tag of the objects for a rule of the bucket that removes them, such as expire=1d; the keys need "
          + "s3:PutObjectTagging, and R2 knows no tags."
      ) { text in
        text.wholeMatch(of: /[A-Za-z0-9_.-]{1,128}=[A-Za-z0-9_.-]{0,256}/) != nil
          ? nil : "A tag must be a word and a value such as expire=1d, not '\(text)'."
      },
    ],
    reach: { values, _ in
      let seen = values["public_base"] ?? values["endpoint"]
      return seen.flatMap { try? WebAddress($0) }?.isLoopback == true ? .thisMachine : .everyone
    },
    fault: { S3Host.fault(isPublic: $0["public_base"] != nil, $1) },
    build: { settings in
      let profiles = AWSProfiles(
        environment: settings.given.environment, profile: settings.text("profile"))
      let region = try settings.text("region") ?? profiles.region() ?? "us-east-1"
      let isAmazon = settings.text("endpoint") == nil
      let name = try settings.wanted("bucket")
      // A certificate for *.s3.… does not cover a name with a dot in it.
      let usual: S3Bucket.Style = isAmazon && !name.contains(".") ? .virtual : .path
      let bucket = S3Bucket(
        name: name,
        endpoint: try WebAddress(
          settings.text("endpoint") ?? "https://s3.\(region).amazonaws.com"),
        style: settings.text("style").flatMap { S3Bucket.Style(rawValue: $0) } ?? usual)
      _ = try bucket.address(of: "")
      return S3Host(
        name: settings.given.name, bucket: bucket, region: region,
        prefix: settings.text("prefix") ?? "",
        publicBase: try settings.text("public_base").map { try WebAddress($0).folder },
        keepsFiles: settings.text("keep") == "true", profiles: profiles,
        client: settings.given.client, share: settings.given.share, tag: settings.text("tag"))
    })
}

/// Puts files into a bucket under unguessable names and signs addresses that expire. What it put is
/// removed after its last use.
///
/// The same bytes are put once; every item gets an address with its own lifetime.
package struct S3Host: Host {
  let name: String
  let bucket: S3Bucket
  let region: String
  let prefix: String
  let publicBase: String?
  let keepsFiles: Bool
  package var withdrawsFiles: Bool { !keepsFiles }
  let client: HTTPClient
  let keys: S3Keys
  let tag: String?
  var parts = PartLimits()
  let uploads = OpenUploads()
  var attempts = 4
  var pause = Duration.seconds(1)
  var now: @Sendable () -> Int64 = Clock.epoch
  private let files: PlacedFiles
  package var placed: PlacedFiles? { files }

  init(
    name: String, bucket: S3Bucket, region: String, prefix: String, publicBase: String?,
    keepsFiles: Bool, profiles: AWSProfiles, client: HTTPClient, share: HostingShare? = nil,
    tag: String? = nil
  ) {
    self.tag = tag

    self.name = name
    self.bucket = bucket
    self.region = region
    self.prefix = prefix
    self.publicBase = publicBase
    self.keepsFiles = keepsFiles
    self.client = client
    keys = S3Keys(profiles: profiles)
    files = PlacedFiles(name, share, keepsFiles ? .kept : .placed)
  }

  package func publish(_ file: HostedFile) async throws -> HostedAddress {
    try file.checkIsThere()
    let lifetime = (file.lifetime.milliseconds + 999) / 1_000
    let wanted = AddressWants(lifetime: file.lifetime, needs: file.needs)
    if let fault = Self.fault(isPublic: publicBase != nil, wanted) { throw fault }
    let key = try await files.place(
      of: file, named: prefix + SecretName(file.format).description,
      put: { try await put(file, $0) }
    ).key
    if let publicBase {
      let path = key.split(separator: "/", omittingEmptySubsequences: false)
        .map { PercentCoding.encode(String($0)) }.joined(separator: "/")
      return HostedAddress(url: "\(publicBase)/\(path)")
    }
    let credentials = try await keys.current(at: now())
    let time = now()
    // An address ends with the session that has signed it.
    let end = min(time + lifetime, credentials.expires ?? .max)
    let url = SigV4(credentials: credentials, region: region)
      .address(of: try bucket.address(of: key), lifetime: max(1, end - time), at: time)
    return HostedAddress(url: url, expires: end)
  }

  /// Why signed addresses do not suffice; public ones always do.
  static func fault(isPublic: Bool, _ wanted: AddressWants) -> SwaplineError? {
    guard !isPublic else { return nil }
    if wanted.lifetime.milliseconds > SigV4.maximumLifetime * 1_000 {
      return SwaplineError(
        .usage,
        "A signed address can be valid for at most 7 days, but the lifetime is set to \(wanted.lifetime).",
        hint: "Shorten 'lifetime', or set 'public_base'.")
    }
    if wanted.needs.head || wanted.needs.noQuery {
      return SwaplineError(
        .unsupported,
        wanted.needs.head
          ? "The provider looks with HEAD first, which a signed address refuses."
          : "The provider does not accept addresses with a query, and a signed one has one.",
        hint: "Set 'public_base', or name another host after this one.")
    }
    return nil
  }

  /// The header fields of an object.
  func fields(_ file: HostedFile) -> HTTPHeaders {
    var fields: HTTPHeaders = [
      "Content-Type": file.format.mimeType, "Content-Disposition": "inline",
      "Cache-Control": "private, max-age=\(file.lifetime.milliseconds / 1_000)",
    ]
    if let tag { fields["x-amz-tagging"] = tag }
    return fields
  }

  private func put(
    _ file: HostedFile, _ placing: PlacedFiles.Placing
  ) async throws -> PlacedFiles.Placed {
    guard file.size <= parts.threshold else {
      try await putInParts(file, fields(file), placing)
      return PlacedFiles.Placed()
    }
    _ = try await send(
      "PUT", placing.key, fields(file), body: .file(path: file.path), payload: file.digest.hex,
      to: "take a file")
    return PlacedFiles.Placed()
  }

  /// Sends a signed request until it is answered well, or an answer says that it never will be. Answers with a
  /// code or a status that is to pass are given back.
  func send(
    _ method: String, _ key: String, query: String = "", _ headers: HTTPHeaders,
    body: HTTPRequest.Body, payload: String, to what: String, passing: Set<String> = [],
    passingStatus: Int? = nil
  ) async throws -> HTTPResponse {
    let url = try bucket.address(of: key, query: query)
    var attempt = 1
    while true {
      let credentials = try await keys.current(at: now())
      let time = now()
      let fields = SigV4(credentials: credentials, region: region)
        .signed(method, url, headers, payload: payload, at: time)
      let (error, isTransient): (SwaplineError, Bool)
      do {
        let response = try await client.send(
          HTTPRequest(
            method, url.description, headers: fields, body: body, timeout: .seconds(3_600),
            stallLimit: .init(bytesPerSecond: 100, seconds: 60), addressPolicy: .any))
        if response.isSuccess || response.status == passingStatus { return response }
        let failure = S3Failure(response)
        if passing.contains(failure.code) { return response }
        isTransient = failure.isTransient
        error = failure.error(
          what, host: name, bucket: bucket, credentials: credentials, region: region, now: time)
      } catch let failed as CurlError {
        isTransient = failed.isTransient
        error = SwaplineError(failed)
      }
      guard isTransient, attempt < attempts else { throw error }
      try await Task.pause(for: pause * (1 << (attempt - 1)))
      attempt += 1
    }
  }

  package func stop() async throws {
    try await removeAll(of: name, from: "the bucket '\(bucket.name)' below '\(prefix)'")
  }

  /// Removes at most a thousand objects. Source: "DeleteObjects" of the Amazon S3 API Reference; an object
  /// that is not there is no error.
  package func remove(_ keys: [String]) async -> [String: SwaplineError] {
    for key in uploads.take(keys) {
      do {
        try await giveUp(key)
      } catch {
        uploads.add(key)
      }
    }
    let objects = keys.map { "<Object><Key>\($0.escapedForXML)</Key></Object>" }
    let body = Array("<Delete><Quiet>true</Quiet>\(objects.joined())</Delete>".utf8)
    func all(_ error: SwaplineError) -> [String: SwaplineError] {
      Dictionary(keys.map { ($0, error) }, uniquingKeysWith: { $1 })
    }
    let response: HTTPResponse
    do {
      response = try await send(
        "POST", "", query: "?delete=",
        [
          "Content-Type": "application/xml",
          "Content-MD5": Data(MD5.digest(body)).base64EncodedString(),
        ], body: .bytes(body), payload: Digest(of: body).hex, to: "remove files")
    } catch {
      return all(error as? SwaplineError ?? SwaplineError(.cancelled, "It was stopped."))
    }
    var kept: [String: SwaplineError] = [:]
    for problem in response.text.split(separator: "<Error>").dropFirst() {
      let text = String(problem)
      let error = SwaplineError(
        .refusedByProvider,
        "The storage kept a file: \(S3Failure.element("Message", of: text) ?? "it does not say why").",
        hint: "The keys need s3:DeleteObject; 'keep: true' leaves files where they are.")
      guard let key = S3Failure.element("Key", of: text)?.unescapedFromXML, keys.contains(key)
      else { return all(error) }
      kept[key] = error
    }
    return kept
  }
}

/// The keys of a storage, read anew when a session is about to end.
actor S3Keys {
  private let profiles: AWSProfiles
  private var known: AWSCredentials?

  /// How long before their end keys are read anew, in seconds.
  private static let margin: Int64 = 900

  init(profiles: AWSProfiles) {
    self.profiles = profiles
  }

  /// Keys that work at `time`.
  func current(at time: Int64) async throws -> AWSCredentials {
    if let known, known.expires.map({ $0 - Self.margin > time }) ?? true { return known }
    let read = try await profiles.credentials()
    known = read
    return read
  }
}

extension String {
  var escapedForXML: String {
    replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
  var unescapedFromXML: String {
    replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
      .replacing("&apos;", with: "'").replacing("&amp;", with: "&")
  }
}
