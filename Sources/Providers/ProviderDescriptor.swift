import Core
import Curl
import Pipelines
import Processing
import Serving

/// A provider that Swapline knows: a folder of its own and one line in `all`.
package struct ProviderDescriptor: Sendable {
  /// Every provider that Swapline knows.
  ///
  /// `make lint` fails when a provider's file is missing here.
  package static let all: [ProviderDescriptor] = [
    .crun,
    .apiInOne,
    .aceData,
  ]

  /// The name in pipeline files.
  package let name: String
  /// The vendor's name.
  package let title: String
  /// The vendor's models that can be driven, with what they take, cost and allow.
  package let models: [ProviderModel]
  /// What can be set.
  package let settings: [ProviderSetting]
  /// The environment variable that holds the key unless a setting names another place.
  package let keyVariable: String
  /// The vendor's wire format as a server speaks it; nil where there is only a client, which then
  /// cannot be reached `at: embedded`.
  package let facade: (any Facade)?
  private let build: @Sendable (ValidSettings) throws(SwaplineError) -> any Provider

  init(
    name: String, title: String, models: [ProviderModel], settings: [ProviderSetting],
    keyVariable: String, facade: (any Facade)? = nil,
    build: @escaping @Sendable (ValidSettings) throws(SwaplineError) -> any Provider
  ) {
    self.name = name
    self.title = title
    self.models = models
    self.settings = settings + ProviderLimits.settings(models) + [.engine]
    self.keyVariable = keyVariable
    self.facade = facade
    self.build = build
  }

  /// What a swap costs at a server in this process when nothing else is known, in credits.
  package static let embeddedPrice = 1.0

  /// Every wire format that can be served.
  package static let facades = all.compactMap(\.facade)

  /// The provider called `name`.
  package static func named(_ name: String) -> ProviderDescriptor? {
    all.first { $0.name == name }
  }

  /// The models with what `values`, a user's settings, put in the place of what is known. Throws
  /// `SwaplineError` of code `usage` for a value that makes no sense.
  ///
  /// This is the one place that says what a swap costs: where `values` say `at: embedded`, a model
  /// without a known price costs a credit, which is what the server in this process charges.
  package func models(with values: [String: String]) throws(SwaplineError) -> [ProviderModel] {
    if let text = values[EngineSettings.name] { _ = try EngineSettings(parsing: text) }
    var changed: [ProviderModel] = []
    for model in models {
      var profile = try ProviderLimits.applied(values, to: model.profile, provider: name)
      if ProviderRoute(values).isEmbedded { profile.price = profile.price.embedded }
      changed.append(ProviderModel(model.name, profile))
    }
    return changed
  }

  /// Makes a client. Throws `SwaplineError` when a setting is unknown or the key is missing; reads
  /// the key but sends nothing.
  package func make(_ settings: ProviderSettings) throws(SwaplineError) -> any Provider {
    let known = self.settings.map(\.name) + [ProviderRoute.place]
    if let unknown = settings.values.keys.sorted().first(where: { !known.contains($0) }) {
      throw SwaplineError(
        .usage, "The provider \(name) has no setting called \(unknown).",
        hint: "It has: \(known.joined(separator: ", ")).")
    }
    return try build(ValidSettings(settings, descriptor: self))
  }
}

extension Sourced<Price?> {
  /// The price at a server in this process, which counts thousandths of a credit.
  fileprivate var embedded: Sourced<Price?> {
    guard var price = value else {
      return Sourced(
        Price(ProviderDescriptor.embeddedPrice, "credits"), .ours,
        source: "what the server in this process charges")
    }
    price.amount = (price.amount * 1_000).rounded(.up) / 1_000
    return Sourced(price, confidence, source: source)
  }
}
