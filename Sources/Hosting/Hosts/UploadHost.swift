import Core
import Curl

extension HostDescriptor {
  /// See `UploadHost`.
  package static let upload = HostDescriptor(
    name: "upload",
    summary: "The provider's own storage, through the upload addresses that it issues.",
    reach: { _, _ in .provider },
    build: { settings in
      guard let storage = settings.given.storage else {
        throw SwaplineError(
          .usage,
          "The host '\(settings.given.name)' uses the provider's storage, but no provider here has one.",
          hint: "Write 'host: { to: embedded }', or put the files into storage of your own.")
      }
      return UploadHost(
        slots: storage.slots, client: settings.given.client, addressPolicy: storage.addressPolicy,
        files: PlacedFiles(settings.given.name, settings.given.share, .left, reuses: false))
    })
}

/// Where a file may be put, and where it can be fetched afterwards.
package struct UploadSlot: Sendable, Hashable {
  /// The address that takes the bytes: by PUT, signed in advance, or as a form.
  package var uploadURL: String
  /// The address that gives them; empty where the answer to the upload says it.
  package var fileURL: String
  /// Header fields that the request must carry, besides the type.
  package var headers: HTTPHeaders
  /// The field of a form by which the file is POSTed; nil for the bytes by PUT.
  package var formField: String?
  /// When `fileURL` stops working, in seconds since 1970; nil when the storage does not say.
  package var expires: Int64?

  /// A slot.
  package init(
    uploadURL: String, fileURL: String, headers: HTTPHeaders = [:], formField: String? = nil,
    expires: Int64? = nil
  ) {
    self.formField = formField
    self.uploadURL = uploadURL
    self.fileURL = fileURL
    self.headers = headers
    self.expires = expires
  }
}

/// Hands out slots: a provider with an endpoint for that.
package protocol UploadSlots: Sendable {
  /// A slot for a file. Throws `SwaplineError` or `CancellationError`.
  func slot(for file: HostedFile) async throws -> UploadSlot

  /// Where a file that was put into `slot` can be fetched, once the storage has answered. Throws `SwaplineError`.
  func address(
    of slot: UploadSlot, after response: HTTPResponse
  ) throws(SwaplineError) -> HostedAddress
}

extension UploadSlots {
  /// What the slot says.
  package func address(
    of slot: UploadSlot, after response: HTTPResponse
  ) throws(SwaplineError) -> HostedAddress {
    HostedAddress(url: slot.fileURL, expires: slot.expires)
  }
}

/// Puts files where a provider keeps uploads, so that no public address of one's own is needed. The provider
/// removes them when it likes; until then the same bytes are put once in a run.
package struct UploadHost: Host {
  private let slots: any UploadSlots
  private let client: HTTPClient
  private let addressPolicy: AddressPolicy
  private let attempts: Int
  private let pause: Duration
  private let files: PlacedFiles
  package var placed: PlacedFiles? { files }

  /// How long a file is taken to stay where the provider does not say, in seconds.
  private static let usualTime: Int64 = 1_800

  /// A host that asks `slots` for a place for each file. Putting the same bytes at the same place
  /// twice does no harm, so a transfer that fails is tried again, `attempts` times in all, each with
  /// a fresh slot and a pause that doubles.
  package init(
    slots: any UploadSlots, client: HTTPClient = HTTPClient(),
    addressPolicy: AddressPolicy = .publicOnly, attempts: Int = 3, pause: Duration = .seconds(1),
    files: PlacedFiles = PlacedFiles(HostDescriptor.upload.name, nil, .left, reuses: false)
  ) {
    self.slots = slots
    self.client = client
    self.addressPolicy = addressPolicy
    self.attempts = max(1, attempts)
    self.pause = pause
    self.files = files
  }

  package func publish(_ file: HostedFile) async throws -> HostedAddress {
    try file.checkIsThere()
    let now = Clock.epoch()
    let ends = now + (file.lifetime.milliseconds + 999) / 1_000
    let place = try await files.place(
      of: file, named: Self.unknown,
      isGood: { place in
        place.address?.expires.map { $0 >= ends } ?? (place.since + Self.usualTime > now)
      },
      put: { _ in
        let address = try await put(file)
        return PlacedFiles.Placed(
          key: address.url.shownAddress, address: address, isRemovable: false)
      })
    guard let address = place.address else {
      throw SwaplineError(.internal, "The provider's storage has no address for a file.")
    }
    return address
  }

  /// What stands in the record until the provider has said where the file goes.
  private static let unknown = "?"

  private func put(_ file: HostedFile) async throws -> HostedAddress {
    var attempt = 1
    while true {
      switch try await put(file, into: try await slots.slot(for: file)) {
      case .done(let address): return address
      case .failed(let error, let isTransient):
        guard isTransient, attempt < attempts else { throw error }
      }
      try await Task.pause(for: pause * (1 << (attempt - 1)))
      attempt += 1
    }
  }

  private enum Outcome {
    case done(HostedAddress)
    case failed(SwaplineError, isTransient: Bool)
  }

  private func put(_ file: HostedFile, into slot: UploadSlot) async throws -> Outcome {
    do {
      let response = try await client.send(request(for: file, to: slot))
      guard response.isSuccess else {
        let isTransient = response.status >= 500 || response.status == 429
        return .failed(refusal(response.status, isTransient), isTransient: isTransient)
      }
      return .done(try slots.address(of: slot, after: response))
    } catch let error as CurlError {
      return .failed(SwaplineError(error), isTransient: error.isTransient)
    }
  }

  private func request(for file: HostedFile, to slot: UploadSlot) -> HTTPRequest {
    var headers = slot.headers
    let body: HTTPRequest.Body
    if let field = slot.formField {
      body = .form(
        field: field, path: file.path, name: SecretName(file.format).description,
        type: file.format.mimeType)
    } else {
      headers["Content-Type"] = file.format.mimeType
      body = .file(path: file.path)
    }
    return HTTPRequest(
      slot.formField == nil ? "PUT" : "POST", slot.uploadURL, headers: headers, body: body,
      timeout: .seconds(600), stallLimit: .init(bytesPerSecond: 100, seconds: 60),
      addressPolicy: addressPolicy)
  }

  private func refusal(_ status: Int, _ isTransient: Bool) -> SwaplineError {
    if status == 401 {
      return SwaplineError(
        .unauthorized,
        "The provider's storage answered the upload with 401: it does not know the token.",
        hint: "Check the token for uploads.")
    }
    return SwaplineError(
      isTransient ? .unavailable : .refusedByProvider,
      "The storage answered the upload with \(status), but a code from 200 to 299 was expected.",
      hint: isTransient ? "Try again later." : "Look at what the provider says about uploads.")
  }
}
