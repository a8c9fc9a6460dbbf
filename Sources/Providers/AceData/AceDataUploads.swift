import Core
import Curl
import HTTP
import Hosting

/// The files endpoint of Ace Data Cloud's platform: a form with one file, answered with the file's public
/// address.
///
/// The endpoint and its field `file` are those that the vendor's clients use; they send the platform's own
/// token, not the API's key, and read `file_url`.
struct AceDataUploads: UploadSlots {
  /// The vendor's platform.
  static let platformURL = "https://platform.acedata.cloud"
  /// The variable that the vendor's clients read.
  static let tokenVariable = "ACEDATACLOUD_PLATFORM_TOKEN"
  private static let path = "/api/v1/files/"

  private let provider: String
  private let platform: String
  private let variable: String
  private let token: Secret?

  /// Nil where the API is somebody else's: what goes there is not the vendor's to keep.
  init?(_ settings: ValidSettings) {
    guard settings.isSet("platform_url") || !settings.isSet("base_url") else { return nil }
    provider = settings.name
    platform = settings.text("platform_url") ?? Self.platformURL
    variable = settings.text("platform_token_variable") ?? Self.tokenVariable
    token = settings.variable(variable).map { Secret($0) }
  }

  func slot(for file: HostedFile) async throws -> UploadSlot {
    guard let token else {
      throw SwaplineError(
        .unauthorized, "The token for \(provider)'s uploads is missing: \(variable) is not set.",
        hint: "Make one in the vendor's console and set it, or name another host.")
    }
    var base = platform
    while base.hasSuffix("/") { base.removeLast() }
    return UploadSlot(
      uploadURL: base + Self.path, fileURL: "",
      headers: ["Authorization": token.expose { "Bearer " + $0 }, "Accept": "application/json"],
      formField: "file")
  }

  func address(
    of slot: UploadSlot, after response: HTTPResponse
  ) throws(SwaplineError) -> HostedAddress {
    let body = try? JSONValue(parsing: response.body)
    guard let url = body?["file_url"]?.string, (try? WebAddress(url)) != nil else {
      throw SwaplineError(
        .damaged, "\(provider) answered the upload of a file without file_url.",
        hint: "Choose another host for the files.")
    }
    return HostedAddress(url: url)
  }
}
