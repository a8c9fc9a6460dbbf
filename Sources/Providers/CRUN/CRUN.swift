import Core
import Hosting
import Processing

extension ProviderDescriptor {
  /// CRUN (crun.ai): stills, GIFs and videos, each with a model of its own behind the same calls.
  package static let crun = ProviderDescriptor(
    name: "crun", title: "CRUN",
    models: [
      ProviderModel(CRUNWire.Model.image.rawValue, .crunImage),
      ProviderModel(CRUNWire.Model.gif.rawValue, .crun(.animation, .carefulAnimation, inFlight: 2)),
      ProviderModel(CRUNWire.Model.video.rawValue, .crun(.video, .carefulVideo, inFlight: 2)),
    ],
    settings: [
      .baseURL(CRUNWire.baseURL), .keyFile, .keyCommand,
      ProviderSetting(
        "moving_face_field",
        "The input's field that takes the face of a GIF or video, whose name is not published.",
        defaultValue: CRUNWire.Submission.faceField),
      ProviderSetting(
        "disable_safety_checker", "`true` or `false`; left to the vendor when it is not set."),
    ],
    keyVariable: "CRUN_API_KEY", facade: CRUNFacade()
  ) { settings throws(SwaplineError) in
    let key = try settings.key()
    return CRUNClient(
      name: settings.name, models: try settings.models(),
      disablesSafetyChecker: try settings.bool("disable_safety_checker"),
      movingFaceField: settings.text("moving_face_field") ?? CRUNWire.Submission.faceField,
      api: CRUNAPI(
        api: JSONAPI(
          client: settings.client, baseURL: try settings.baseURL(), key: key.secret,
          keySource: key.source, keyHeader: (CRUNWire.keyHeader, ""), timeout: settings.timeout)))
  }
}

extension ProviderProfile {
  /// CRUN's `image-face-swap`. The vendor publishes neither limits nor rates nor prices.
  package static let crunImage = ProviderProfile.crun(.image, .careful, inFlight: 4)

  fileprivate static func crun(
    _ kind: MediaKind, _ limits: Sourced<MediaLimits>, inFlight: Int
  ) -> ProviderProfile {
    ProviderProfile(
      kinds: Sourced([kind], .documented, source: "the model's page"), limits: limits,
      faceLimits: .careful,
      faceIndices: Sourced(0...0, .documented, source: "the model replaces the primary face"),
      requestsPerMinute: Sourced(nil, .documented, source: "429 is listed, its limit is not"),
      inFlight: Sourced(inFlight, .ours, source: "the vendor publishes none"),
      price: Sourced(nil, .inferred, source: "EstimateTask gives the price for the account"),
      resultLifetime: Sourced(
        nil, .inferred, source: "addresses live for a limited time that is not published"),
      fetchNeeds: Sourced(
        FetchNeeds(hasExtension: true), .inferred,
        source: "the vendor's own client wants a file name with an extension"))
  }
}
