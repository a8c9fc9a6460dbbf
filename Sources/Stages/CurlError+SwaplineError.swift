import Core
import Curl

extension SwaplineError {
  /// A failed transfer, in words for whoever named the address.
  init(_ error: CurlError, url: String) {
    let shown = url.shownAddress
    switch error.kind {
    case .badAddress:
      self.init(
        .usage, "\(shown) cannot be fetched: \(error.detail)",
        hint: url.hasPrefix("file:")
          ? "Write file:///PATH for a file of this machine."
          : "Write http:// or https://, a host and a path, without user name and password.")
    case .forbiddenRedirect:
      self.init(
        .forbiddenAddress, "\(shown) may not be fetched: \(error.detail)",
        hint: "Open the address in a browser, and give the one of the file itself.")
    case .forbiddenAddress:
      self.init(
        .forbiddenAddress, "\(shown) may not be fetched: \(error.detail)",
        hint: "Only public addresses are fetched; 'fetch: { addresses: loopback }' also allows "
          + "this machine's, 'any' every one.")
    case .tooLarge:
      self.init(
        .limit, "\(shown): \(error.detail)",
        hint: "Raise 'maximum_size' of 'fetch' if the file is meant to be that large.")
    case .tooManyRedirects:
      self.init(
        .network, "\(shown): \(error.detail)",
        hint: "Raise 'redirects' of 'fetch' if the address really leads that far.")
    case .redirectLoop:
      self.init(
        .network, "\(shown): \(error.detail)",
        hint: "Open the address in a browser without cookies, and give the one where it ends.")
    case .otherPart, .badEncoding:
      self.init(
        .network, "\(shown): \(error.detail)",
        hint: "The fault is the server's: try again later, or give another address of the file.")
    case .timeout, .stalled:
      self.init(
        .timeout, "\(shown): \(error.detail)",
        hint: "Try again later, or raise 'timeout' of 'fetch'.")
    case .writeFailed:
      self.init(
        .storage, "\(shown) could not be written: \(error.detail)",
        hint: "Check the space and the rights of the run's folder.")
    case .resolve:
      self.init(
        .network, "\(shown): \(error.detail)", hint: "Check the host's name and the network.")
    case .connect, .tls, .cutOff, .badRequest, .readFailed, .other:
      self.init(
        .network, "\(shown): \(error.detail)", hint: "Check the address and the network.")
    }
  }
}
