import Core
import Processing

extension ProviderDescriptor {
  /// API in One (apiin.one): stills.
  package static let apiInOne = ProviderDescriptor(
    name: "apiinone", title: "API in One", models: [ProviderModel(APIInOneWire.model, .apiInOne)],
    settings: [
      .baseURL(APIInOneWire.baseURL), .keyFile, .keyCommand,
      ProviderSetting(
        "output_format", "The format of results: `png`, `jpg` or `webp`.", defaultValue: "png"),
    ],
    keyVariable: "APIINONE_API_KEY", facade: APIInOneFacade()
  ) { settings throws(SwaplineError) in
    let word = settings.text("output_format") ?? ""
    guard let format = APIInOneWire.OutputFormat(rawValue: word) else {
      let words = APIInOneWire.OutputFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw SwaplineError(
        .usage, "output_format of provider \(settings.name) is '\(word)'.",
        hint: "It can be \(words).")
    }
    let key = try settings.key()
    return APIInOneClient(
      name: settings.name, models: try settings.models(), outputFormat: format,
      api: JSONAPI(
        client: settings.client, baseURL: try settings.baseURL(), key: key.secret,
        keySource: key.source, keyHeader: ("Authorization", "Bearer "), timeout: settings.timeout))
  }
}

extension ProviderProfile {
  /// API in One's `face-swap`. The vendor publishes the price and no limits.
  package static let apiInOne = ProviderProfile(
    kinds: Sourced([.image], .documented, source: "the model's page"),
    limits: .careful,
    faceIndices: Sourced(0...10, .documented, source: "target_index on the model's page"),
    requestsPerMinute: Sourced(nil, .ours, source: "the vendor publishes none"),
    inFlight: Sourced(4, .ours, source: "the vendor publishes none"),
    price: Sourced(
      Price(3, "credits", money: 0.006, currency: "USD"), .documented,
      source: "the model's page, some 0.006 USD"),
    resultLifetime: Sourced(nil, .ours, source: "the vendor publishes none"))
}
