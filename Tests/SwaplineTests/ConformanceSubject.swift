import Core
import Curl
import Providers
import Swapline
import Testing

/// A provider that conformance is tried with: every one of `ProviderDescriptor.all` that can be served, at its
/// defaults, and those whose settings make them behave otherwise.
struct ConformanceSubject: Sendable, Hashable, CustomTestStringConvertible {
  let name: String
  var settings: [String: String] = [:]

  /// The key that every vendor is given.
  static let key = "key_0123456789abcdef0123456789abcdef"

  /// Every provider at its defaults.
  static let plain = ProviderDescriptor.all.filter { $0.facade != nil }.map {
    ConformanceSubject(name: $0.name)
  }

  /// Ace Data Cloud, told by a callback.
  static let acedataCallback = ConformanceSubject(
    name: "acedata", settings: ["delivery": "callback"])

  /// Everything that is tried.
  static let all = plain + [acedataCallback]

  static let crun = ConformanceSubject(name: "crun")
  static let apiinone = ConformanceSubject(name: "apiinone")
  static let acedata = ConformanceSubject(name: "acedata")

  /// The environment in which every vendor finds the key.
  static let environment = Dictionary(
    ProviderDescriptor.all.map { ($0.keyVariable, key) }, uniquingKeysWith: { $1 })

  /// How a pipeline names it.
  func reference(_ url: String) -> ProviderReference {
    ProviderReference(name, settings.merging(["base_url": url]) { $1 })
  }

  /// A client, for what it says of itself.
  var provider: any Provider {
    guard let descriptor = ProviderDescriptor.named(name),
      let made = try? descriptor.make(
        ProviderSettings(
          name: name, values: settings.merging(["base_url": "http://127.0.0.1:9"]) { $1 },
          environment: Self.environment, client: Self.client))
    else { preconditionFailure("\(name) cannot be made") }
    return made
  }

  private static let client = HTTPClient()

  /// The names of its models.
  var models: [String] { provider.models.map(\.name) }

  /// The error body of a code, as the three vendors document it.
  func error(_ status: Int, _ word: String) -> String {
    switch name {
    case "crun": #"{"code":\#(status),"message":"\#(word)"}"#
    case "apiinone": #"{"error":{"code":\#(status),"message":"\#(word)","type":"x"}}"#
    default: #"{"success":false,"error":{"code":"\#(word)","message":"said"},"trace_id":"t"}"#
    }
  }

  var testDescription: String {
    ([name] + settings.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })
      .joined(separator: ", ")
  }
}
