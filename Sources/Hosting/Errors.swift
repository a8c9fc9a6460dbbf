import Core
import Curl
import MicroHTTPD

extension SwaplineError {
  /// What a server that could not be started means to a person.
  package init(_ error: ServerError) {
    switch error.kind {
    case .portTaken:
      self.init(.usage, error.detail, hint: "Choose another port, or 0 for any free one.")
    case .badAddress:
      self.init(.usage, error.detail, hint: "Use 127.0.0.1.")
    case .notPermitted:
      self.init(.usage, error.detail, hint: "Choose a port of 1024 or above.")
    case .other:
      self.init(
        .internal, error.detail,
        hint: "Raise the limits on open files and processes (ulimit -n, -u).")
    }
  }

  /// What a failed transfer means to a person, where nothing was at stake but the transfer itself.
  ///
  /// Who submits something that costs money must look at `requestSent` first.
  package init(_ error: CurlError) {
    switch error.kind {
    case .badAddress:
      self.init(.usage, error.detail, hint: "Write the address as https://host/path.")
    case .forbiddenAddress, .forbiddenRedirect:
      self.init(
        .forbiddenAddress, error.detail,
        hint: "Only public addresses are fetched; this machine's own need a flag.")
    case .tooLarge:
      self.init(.limit, error.detail, hint: "Raise the limit on bytes, or use a smaller file.")
    case .timeout, .stalled:
      self.init(.timeout, error.detail, hint: "Try again, or allow more time.")
    case .resolve, .connect, .tls, .cutOff, .tooManyRedirects, .redirectLoop, .otherPart,
      .badEncoding, .other:
      self.init(.network, error.detail, hint: "Check the address and the network, and try again.")
    case .writeFailed:
      self.init(.storage, error.detail, hint: "Make room, or choose another folder.")
    case .readFailed:
      self.init(.notFound, error.detail)
    case .badRequest:
      self.init(.internal, error.detail)
    }
  }
}
