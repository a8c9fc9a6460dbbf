import Core
import Ledgers
import Pipelines
import Processing
import Providers

/// Buys swaps for one item: of its scene, or of each frame that it is made of.
struct ItemSwapper: Sendable {
  /// What an item's swap gave.
  struct Bought: Sendable {
    var media: Media
    /// The provider's name of the task; of several the first one's.
    var task: String
    /// What was charged in all, where the provider says.
    var credits: Double?
    /// Whether nothing was paid now.
    var isReused: Bool
    /// How many swaps it is made of.
    var calls = 1
    var changes: [Change] = []
  }

  let stage: Swap
  let connected: ConnectedProvider
  let context: StageContext
  let model: ProviderModel
  let face: Media
  let publishing: Publishing

  /// Buys the swap of `scene`, once for everybody in the run who asks for the same.
  func swap(_ scene: Media) async throws -> Bought {
    let purchase = SwapPurchase(
      connected: connected, context: context, timeout: stage.timeout, model: model,
      submission: { [publishing, face, stage] in
        SwapSubmission(
          kind: scene.kind, sceneURL: try await publishing.address(of: scene),
          faceURL: try await publishing.address(of: face), faceIndex: stage.faceIndex)
      },
      watch: { [publishing] in publishing.watch($0) },
      key: Ledger.key(
        scene: scene.digest, face: face.digest, provider: connected.identity, model: model.name,
        parameters: "face_index=\(stage.faceIndex)"),
      scene: scene)
    let shared = try context.resources.require(SharedSwapsKey.self)
    let (bought, isFirst) = try await shared.value(of: purchase.key) { try await purchase.result() }
    return Bought(
      media: bought.media, task: bought.task, credits: bought.credits,
      isReused: bought.isReused || !isFirst)
  }

  /// Brings a file that is to be submitted within the model's limits, and keeps it.
  func prepared(_ file: String) async throws -> (media: Media, changes: [Change]) {
    var limits = model.profile.limits.value
    limits.kinds = limits.kinds ?? model.profile.kinds.value
    let answer = try await context.media.normalize(
      NormalizeRequest(
        file: file, output: context.folder.temporaryFile("bridged"), limits: limits))
    try context.folder.keep(answer.file ?? file, as: answer.media)
    return (answer.media, answer.changes)
  }
}
