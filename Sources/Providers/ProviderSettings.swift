import Core
import Curl
import Processing

/// Something about a provider that can be set, with a text as its value.
package struct ProviderSetting: Sendable, Hashable {
  /// The name in pipeline files.
  package let name: String
  /// What it does.
  package let summary: String
  /// The value when it is not set; nil when there is none.
  package let defaultValue: String?

  /// A setting.
  package init(_ name: String, _ summary: String, defaultValue: String? = nil) {
    self.name = name
    self.summary = summary
    self.defaultValue = defaultValue
  }

  static func baseURL(_ address: String) -> ProviderSetting {
    ProviderSetting("base_url", "The address of the API.", defaultValue: address)
  }

  /// Which networks the local engine has, and by which likeness is measured.
  static let engine = ProviderSetting(EngineSettings.name, EngineSettings.summary)
  static let keyFile = ProviderSetting(
    "key_file", "A file whose first line is the API key, instead of the environment variable.")
  static let keyCommand = ProviderSetting(
    "key_command", "A shell command that prints the API key, such as a password manager's.")
}

/// What a client is made from.
package struct ProviderSettings: Sendable {
  /// The name by which pipeline and ledger call the client.
  package var name: String
  /// What the user set, by the settings' names.
  package var values: [String: String]
  /// The process's environment variables.
  package var environment: [String: String]
  /// A key that the program itself knows, such as that of a server it started.
  package var key: Secret?
  /// What sends the requests.
  package var client: HTTPClient
  /// The time for one request.
  package var timeout: TimeSpan

  /// What a client is made from.
  package init(
    name: String, values: [String: String] = [:], environment: [String: String], key: Secret? = nil,
    client: HTTPClient, timeout: TimeSpan = .seconds(60)
  ) {
    self.name = name
    self.values = values
    self.environment = environment
    self.key = key
    self.client = client
    self.timeout = timeout
  }
}

/// Settings whose names are known, read on behalf of one descriptor.
struct ValidSettings: Sendable {
  private let settings: ProviderSettings
  private let descriptor: ProviderDescriptor

  init(_ settings: ProviderSettings, descriptor: ProviderDescriptor) {
    self.settings = settings
    self.descriptor = descriptor
  }

  var name: String { settings.name }
  var client: HTTPClient { settings.client }
  var timeout: TimeSpan { settings.timeout }

  /// The vendor's models, with what the user has set.
  func models() throws(SwaplineError) -> [ProviderModel] {
    try descriptor.models(with: settings.values)
  }

  /// The value of a setting, its default where it is not set.
  func text(_ name: String) -> String? {
    settings.values[name]
      ?? descriptor.settings.first { $0.name == name }.flatMap(\.defaultValue)
  }

  /// Whether the user has set it.
  func isSet(_ name: String) -> Bool { settings.values[name] != nil }

  /// The value of an environment variable; nil where it is missing or empty.
  func variable(_ name: String) -> String? {
    settings.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  func bool(_ name: String) throws(SwaplineError) -> Bool? {
    switch text(name) {
    case nil: return nil
    case "true": return true
    case "false": return false
    case .some(let other):
      throw SwaplineError(
        .usage, "\(name) of provider \(self.name) is \(other); expected `true` or `false`.")
    }
  }

  /// The API's address without a slash at its end.
  func baseURL() throws(SwaplineError) -> String {
    let given = text("base_url") ?? ""
    do {
      let address = try WebAddress(given)
      guard address.query == nil else {
        throw CurlError(.badAddress, "The address has a query.")
      }
      var path = address.path
      while path.hasSuffix("/") { path.removeLast() }
      return address.origin + path
    } catch {
      let why = (error as? CurlError)?.detail ?? ""
      throw SwaplineError(
        .usage, "base_url of provider \(name) is no address of an API: \(why)",
        hint: "Write it like \(descriptor.settings.first?.defaultValue ?? "https://…").")
    }
  }

  /// The key, and where it came from.
  func key() throws(SwaplineError) -> (secret: Secret, source: String) {
    if let key = settings.key { return (key, "the program's own settings") }
    let source: KeySource =
      if let line = settings.values["key_command"] {
        .command(line)
      } else if let path = settings.values["key_file"] {
        .file(path)
      } else {
        .environment(descriptor.keyVariable)
      }
    do {
      return (try source.read(environment: settings.environment), "\(source)")
    } catch {
      var error = error
      error.hint =
        (error.hint.map { $0 + " " } ?? "")
        + "Set \(descriptor.keyVariable) to your \(descriptor.title) key, or add `at: embedded` to "
        + "the provider \(name) to swap on this machine without a key."
      throw error
    }
  }
}
