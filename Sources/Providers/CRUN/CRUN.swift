import Core
import Processing

extension ProviderDescriptor {
  /// CRUN (crun.ai): stills now; its GIF and video models answer to the same calls.
  public static let crun = ProviderDescriptor(
    name: "crun", title: "CRUN", models: [CRUNWire.Model.image.rawValue],
    settings: [
      .baseURL(CRUNWire.baseURL), .keyFile, .keyCommand,
      ProviderSetting(
        "disable_safety_checker", "`true` or `false`; left to the vendor when it is not set."),
    ],
    keyVariable: "CRUN_API_KEY", profile: .crunImage
  ) { settings throws(SwaplineError) in
    let key = try settings.key()
    return CRUNClient(
      name: settings.name, profile: .crunImage, kind: .image,
      disablesSafetyChecker: try settings.bool("disable_safety_checker"),
      api: CRUNAPI(
        api: JSONAPI(
          client: settings.client, baseURL: try settings.baseURL(), key: key.secret,
          keySource: key.source, keyHeader: (CRUNWire.keyHeader, ""), timeout: settings.timeout)))
  }
}

extension ProviderProfile {
  /// CRUN's `image-face-swap`. The vendor publishes neither limits nor rates nor prices.
  public static let crunImage = ProviderProfile(
    kinds: Sourced([.image], .documented, source: "the model's page"),
    limits: Sourced(
      .careful, .ours, source: "the vendor publishes none; nearly every swap API takes these"),
    faceIndices: Sourced(0...0, .documented, source: "the model replaces the primary face"),
    requestsPerMinute: Sourced(nil, .documented, source: "429 is listed, its limit is not"),
    inFlight: Sourced(4, .ours, source: "the vendor publishes none"),
    price: Sourced(nil, .inferred, source: "EstimateTask tells the price for the account"),
    resultLifetime: Sourced(
      nil, .inferred, source: "addresses live for a limited time that is not published"))
}
