import Core
import Processing

extension ProviderDescriptor {
  /// Ace Data Cloud (acedata.cloud): stills, done while the request waits.
  package static let aceData = ProviderDescriptor(
    name: "acedata", title: "Ace Data Cloud",
    models: [ProviderModel(AceDataClient.model, .aceData)],
    settings: [
      .baseURL(AceDataWire.baseURL), .keyFile, .keyCommand,
      ProviderSetting(
        "face_field",
        "Which field holds the face: `source` in the vendor's guide, `target` in its reference.",
        defaultValue: AceDataWire.FaceField.source.rawValue),
      ProviderSetting(
        "timeout", "Seconds after which the vendor answers without a result (10 to 600).",
        defaultValue: "\(AceDataWire.timeout)"),
      ProviderSetting(
        "delivery",
        "How the result comes: `answer` holds the connection open, `callback` has it told to the "
          + "embedded server, which the vendor must reach (--public-url).",
        defaultValue: AceDataClient.Delivery.answer.rawValue),
      ProviderSetting(
        "platform_url", "The address of the vendor's platform, which keeps uploads.",
        defaultValue: AceDataUploads.platformURL),
      ProviderSetting(
        "platform_token_variable",
        "The environment variable that holds the platform's token, for the host 'upload'.",
        defaultValue: AceDataUploads.tokenVariable),
    ],
    keyVariable: "ACEDATA_API_KEY", facade: AceDataFacade()
  ) { settings throws(SwaplineError) in
    let word = settings.text("face_field") ?? ""
    guard let field = AceDataWire.FaceField(rawValue: word) else {
      throw SwaplineError(
        .usage, "face_field of provider \(settings.name) is '\(word)'.",
        hint: "It can be source or target.")
    }
    guard let seconds = settings.text("timeout").flatMap(Int.init), (10...600).contains(seconds)
    else {
      throw SwaplineError(
        .usage, "timeout of provider \(settings.name) must be a whole number of 10 to 600 seconds.")
    }
    let way = settings.text("delivery") ?? ""
    guard let delivery = AceDataClient.Delivery(rawValue: way) else {
      throw SwaplineError(
        .usage, "delivery of provider \(settings.name) is '\(way)'.",
        hint: "It can be answer or callback.")
    }
    let key = try settings.key()
    return AceDataClient(
      name: settings.name, models: try settings.models(), faceField: field, seconds: seconds,
      delivery: delivery,
      api: JSONAPI(
        client: settings.client, baseURL: try settings.baseURL(), key: key.secret,
        keySource: key.source, keyHeader: ("Authorization", "Bearer "),
        // The vendor's own end comes first; what is cut off before it is in doubt.
        timeout: .seconds(Double(seconds + 60))),
      uploads: AceDataUploads(settings))
  }
}

extension ProviderProfile {
  /// Ace Data Cloud's face swap. The vendor publishes neither limits nor rates.
  package static let aceData = ProviderProfile(
    kinds: Sourced([.image], .documented, source: "the guide"),
    limits: .careful,
    faceIndices: Sourced(0...0, .documented, source: "no field chooses a face"),
    requestsPerMinute: Sourced(nil, .documented, source: "429 is listed, its limit is not"),
    inFlight: Sourced(2, .ours, source: "the vendor publishes none; each holds a connection open"),
    price: Sourced(nil, .ours, source: "prices depend on the account's plan"),
    resultLifetime: Sourced(nil, .ours, source: "the vendor publishes none"))
}
