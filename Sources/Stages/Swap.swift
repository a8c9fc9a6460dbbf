import Core
import Pipelines
import Processing
import Providers

/// Replaces the face of the scene through a provider, and brings the result home.
public struct Swap: Stage {
  /// The provider's name.
  public var provider: String
  /// How the provider is reached, when the stage was composed in Swift.
  public var route: ProviderRoute?
  /// Which face of the scene is replaced: 0 is the provider's first.
  public var faceIndex: Int
  /// How long to wait for a task.
  public var timeout: TimeSpan

  /// Swaps through a provider.
  public init(
    with provider: ProviderReference, faceIndex: Int = 0, timeout: TimeSpan = .minutes(10)
  ) {
    self.provider = provider.name
    route = provider.route
    self.faceIndex = faceIndex
    self.timeout = timeout
  }

  /// Names no provider yet; one must be set.
  public init() {
    provider = ""
    faceIndex = 0
    timeout = .minutes(10)
  }

  public static let declaration = StageDeclaration<Swap>(
    "swap", "Replaces the scene's face through a provider and brings the result home.",
    example: "swap: { provider: crun }",
    parameters: [
      Parameter("provider", \.provider, "The provider's name."),
      Parameter(
        "face_index", \.faceIndex, in: 0...100,
        "Which face of the scene is replaced; 0 is the provider's first."),
      Parameter("timeout", \.timeout, "How long to wait for a task.") {
        $0 >= .seconds(1) ? nil : "A swap takes at least a second."
      },
    ])

  public var needs: [StageNeed] { [.provider(name: provider, settings: route), .face] }

  public func run(_ input: Hosted, in context: StageContext) async throws -> Swapped {
    var asset = input.asset
    guard let faceAddress = input.face, let scene = asset.media[.scene],
      let face = asset.media[.face]
    else {
      throw SwaplineError(
        .usage, "The item has no face to insert.", hint: "Name one with --face or in its row.")
    }
    guard let connected = try context.resources.require(ProvidersKey.self)[provider] else {
      throw SwaplineError(.internal, "The provider '\(provider)' was not made ready for this run.")
    }
    try check(scene, against: connected.provider.profile)
    let purchase = SwapPurchase(
      connected: connected, context: context, timeout: timeout,
      submission: SwapSubmission(
        sceneURL: input.scene.url, faceURL: faceAddress.url, faceIndex: faceIndex),
      key: Ledger.key(
        scene: scene.digest, face: face.digest, provider: connected.identity,
        model: connected.provider.model, parameters: "face_index=\(faceIndex)"),
      scene: scene)
    let shared = try context.resources.require(SharedSwapsKey.self)
    let (bought, isFirst) = try await shared.value(of: purchase.key) { try await purchase.result() }
    asset.media[.result] = bought.media
    asset.swap = SwapFacts(
      provider: provider, model: connected.provider.model, task: bought.task,
      credits: bought.credits, isReused: bought.isReused || !isFirst)
    var change = Change(
      .face, from: "scene \(scene.digest.short)", to: "face \(face.digest.short)",
      reason: "swapped by \(connected.identity), task \(bought.task)")
    change.role = .result
    asset.history.append(change)
    asset.note(
      "\(connected.identity) \(bought.media.width)x\(bought.media.height) \(bought.media.format)"
        + (asset.swap?.isReused == true
          ? ", bought before: nothing paid now"
          : bought.credits.map { ", \($0.formattedPlainly) credit\($0 == 1 ? "" : "s")" } ?? ""))
    return try Swapped(asset)
  }

  private func check(_ scene: Media, against profile: ProviderProfile) throws {
    guard profile.kinds.value.contains(scene.kind) else {
      let kinds = profile.kinds.value.map(\.rawValue).joined(separator: ", ")
      throw SwaplineError(
        .unsupported, "The scene is \(scene.kind.rawValue), and '\(provider)' takes \(kinds).",
        hint: "Give a scene of a kind that the provider takes.")
    }
    guard profile.faceIndices.value.contains(faceIndex) else {
      let range = profile.faceIndices.value
      throw SwaplineError(
        .usage,
        "Face \(faceIndex) was asked for, and '\(provider)' takes \(range.lowerBound) to "
          + "\(range.upperBound).", hint: "Change 'face_index' of 'swap'.")
    }
  }
}

extension Double {
  /// Without a fraction where there is none.
  var formattedPlainly: String { Int64(exactly: self).map { "\($0)" } ?? "\(self)" }
}
