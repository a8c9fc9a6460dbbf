import Core
import Curl

extension HostDescriptor {
  /// See `AsIsHost`.
  package static let asIs = HostDescriptor(
    name: "as_is",
    summary: "The address that a file was fetched from, if it has one and the file is unchanged.",
    settings: [
      HostSetting(
        "addresses", "Where the addresses may lead: public ones, also this machine's, or any.",
        defaultValue: "public", words: ["public", "loopback", "any"])
    ],
    reach: { values, _ in (values["addresses"] ?? "public") == "public" ? .everyone : .thisMachine
    },
    build: { settings in
      let policy: AddressPolicy =
        switch settings.text("addresses") {
        case "loopback": .publicAndLoopback
        case "any": .any
        default: .publicOnly
        }
      return AsIsHost(
        name: settings.given.name, client: settings.given.client, addressPolicy: policy)
    })
}

/// Hands on the address that a file was fetched from, after a look at what stands there now.
///
/// It takes a file only when the provider will find the same bytes there: nothing was changed since
/// the file was fetched, its first bytes and its length are still the same, and the server calls it
/// by its type.
package struct AsIsHost: Host {
  private let name: String
  private let client: HTTPClient
  private let addressPolicy: AddressPolicy
  private let looks = SingleFlight<String, HostedAddress>(keepsFailures: false)

  /// The most bytes that are asked for to know a file again.
  private static let sample = 4_096

  /// A host that hands on addresses which `addressPolicy` allows.
  package init(name: String, client: HTTPClient, addressPolicy: AddressPolicy = .publicOnly) {
    self.name = name
    self.client = client
    self.addressPolicy = addressPolicy
  }

  /// It looks itself.
  package var isProved: Bool { false }

  package func publish(_ file: HostedFile) async throws -> HostedAddress {
    try file.checkIsThere()
    guard let origin = file.origin else {
      throw declined("It was not fetched from an address, or something was changed in it since.")
    }
    return try await looks.value(of: "\(file.digest.hex) \(origin)") {
      try await look(at: origin, for: file)
      return HostedAddress(url: origin)
    }.value
  }

  private func declined(_ why: String) -> SwaplineError {
    SwaplineError(
      .unsupported, "The file cannot be handed on as it is. \(why)",
      hint: "Name another host after '\(name)' that takes such files: 'host: { to: [\(name), …] }'."
    )
  }

  private func look(at origin: String, for file: HostedFile) async throws {
    let response: HTTPResponse
    do {
      response = try await client.send(
        HTTPRequest(
          "GET", origin, headers: ["Range": "bytes=0-\(Self.sample - 1)"],
          timeout: .seconds(60), maximumRedirects: 5, maximumBytes: file.size + 1,
          addressPolicy: addressPolicy))
    } catch let error as CurlError {
      throw declined(
        error.kind == .forbiddenAddress ? "Its address is not a public one." : error.detail)
    }
    guard response.status == 200 || response.status == 206 else {
      throw declined("Its address answers \(response.status) now.")
    }
    let type = (response.headers["Content-Type"] ?? "").prefix { $0 != ";" }.lowercased()
      .filter { !$0.isWhitespace }
    guard type == file.format.mimeType || (type == "image/jpg" && file.format == .jpg) else {
      throw declined(
        "Its address says that it is '\(type)', and it is \(file.format.mimeType).")
    }
    let isWhole = response.status == 200
    let length =
      isWhole ? Int64(response.body.count) : Self.whole(response.headers["Content-Range"] ?? "")
    guard length == file.size, try isSame(response.body, file, isWhole: isWhole) else {
      throw declined("There is something else at its address now.")
    }
  }

  /// The length of the whole in `bytes 0-99/1234`.
  private static func whole(_ range: String) -> Int64? {
    range.split(separator: "/").last.flatMap { Int64($0) }
  }

  private func isSame(_ bytes: [UInt8], _ file: HostedFile, isWhole: Bool) throws -> Bool {
    if isWhole { return Digest(of: bytes) == file.digest }
    let wanted = Int(min(file.size, Int64(Self.sample)))
    return bytes == (try file.head(wanted))
  }
}
