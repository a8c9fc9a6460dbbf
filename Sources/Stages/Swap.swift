import Core
import Pipelines
import Processing
import Providers

/// Replaces the face of the scene through a provider, and brings the result home.
public struct Swap: Stage {
  /// What becomes of a frame whose face the provider cannot find.
  public enum FacelessFrames: String, Sendable, Hashable, Codable, CaseIterable, WordParameter {
    /// The item fails; what was paid is kept for the next run.
    case fail
    /// The frame stays as it is.
    case keep
  }

  /// The provider's name.
  public var provider: String
  /// How the provider is reached, when the stage was composed in Swift.
  public var route: ProviderRoute?
  /// Which face of the scene is replaced: 0 is the provider's first.
  public var faceIndex: Int
  /// How long to wait for a task.
  public var timeout: TimeSpan
  /// The ways around what the provider cannot take that may be gone.
  public var bridges: [Bridge]
  /// What becomes of a frame without a face, where frames are swapped one by one.
  public var facelessFrames: FacelessFrames
  /// Whether a result of another shape or length than the scene's is accepted.
  public var acceptsChanged: Bool
  /// Whether a result in which no face changed is accepted.
  public var acceptsUnchanged: Bool

  /// Swaps through a provider.
  public init(
    with provider: ProviderReference, faceIndex: Int = 0, timeout: TimeSpan = .minutes(10),
    bridges: [Bridge] = [], facelessFrames: FacelessFrames = .fail, acceptsChanged: Bool = false,
    acceptsUnchanged: Bool = false
  ) {
    self.provider = provider.name
    route = provider.route
    self.faceIndex = faceIndex
    self.timeout = timeout
    self.bridges = bridges
    self.facelessFrames = facelessFrames
    self.acceptsChanged = acceptsChanged
    self.acceptsUnchanged = acceptsUnchanged
  }

  /// Names no provider yet; one must be set.
  public init() {
    provider = ""
    faceIndex = 0
    timeout = .minutes(10)
    bridges = []
    facelessFrames = .fail
    acceptsChanged = false
    acceptsUnchanged = false
  }

  public static let declaration = StageDeclaration<Swap>(
    "swap", "Replaces the scene's face through a provider and downloads the result.",
    example: "swap: { provider: crun }",
    parameters: [
      Parameter("provider", \.provider, "The provider's name.", isRequired: true),
      Parameter(
        "face_index", \.faceIndex, in: 0...100,
        "Which face of the scene is replaced; 0 is the provider's first."),
      Parameter("timeout", \.timeout, "How long to wait for a task.") {
        $0 >= .seconds(1) ? nil : "A swap takes at least a second."
      },
      Parameter(
        "bridge", \.bridges,
        "What to do with a scene that the provider does not accept: frames swaps each distinct "
          + "frame, video sends a GIF as a video."),
      Parameter(
        "faceless_frames", \.facelessFrames,
        "With the bridge frames, what to do with a frame in which the provider finds no face: fail or keep it."
      ),
      Parameter(
        "accept_changed", \.acceptsChanged,
        "Whether a result of another shape or length than the scene's is accepted."),
      Parameter(
        "accept_unchanged", \.acceptsUnchanged,
        "Whether a result in which no face changed is accepted."),
    ])

  public var needs: [StageNeed] {
    [.provider(name: provider, settings: route), .face, .bridges(bridges.map(\.rawValue))]
  }

  public func run(_ input: Hosted, in context: StageContext) async throws -> Swapped {
    var asset = input.asset
    guard let face = asset.media[.face] else {
      throw SwaplineError(
        .usage, "The item has no face to insert.", hint: "Name one with --face or in its row.")
    }
    guard let connected = try context.resources.require(ProvidersKey.self)[provider] else {
      throw SwaplineError(.internal, "The provider '\(provider)' was not prepared for this run.")
    }
    guard let scene = asset.media[.scene] else {
      throw SwaplineError(.internal, "The item has no scene.")
    }
    let way = try SwapStrategy(
      scene.kind, models: connected.provider.models, allowed: bridges, provider: provider)
    try check(faceIndex, against: way.model.profile)
    let line = ItemSwapper(
      stage: self, connected: connected, context: context, model: way.model, face: face,
      publishing: try Publishing(asset, context, timeout: timeout))
    let bought: ItemSwapper.Bought
    switch way {
    case .direct: bought = try await line.swap(scene)
    case .video: bought = try await VideoBridge(line: line).swap(scene)
    case .frames: bought = try await FrameBridge(line: line).swap(scene)
    }
    asset.media[.result] = bought.media
    // Nobody fetches from them any more, and what is remembered must not open anything.
    asset.addresses = [:]
    asset.swap = SwapFacts(
      provider: provider, model: way.model.name, task: bought.task, credits: bought.credits,
      isReused: bought.isReused, bridge: way.bridge?.rawValue,
      calls: bought.calls == 1 ? nil : bought.calls)
    var change = Change(
      .face, from: "scene \(scene.digest.short)", to: "face \(face.digest.short)",
      reason: "swapped by \(connected.identity), task \(bought.task)")
    change.role = .result
    asset.history.append(change)
    asset.history += bought.changes
    let check = ResultCheck(scene: scene, result: bought.media)
    if let fault = check.fault, !acceptsChanged {
      throw SwaplineError(
        .generationFailed,
        "The result of task \(bought.task) does not match the scene: \(fault).",
        hint:
          "Look at \(context.folder.file(bought.media)); 'swap: { accept_changed: true }' takes "
          + "it, and pays nothing again.")
    }
    asset.history += check.changes
    try await compare(scene, face, bought, connected, &asset, context)
    context.note(note(bought, connected, way))
    return try Swapped(asset)
  }

  /// Notes in `asset` what became of the scene's faces. Throws `.generationFailed` where none changed: the
  /// result is kept and the ledger has it, so that nothing is paid for it again.
  private func compare(
    _ scene: Media, _ face: Media, _ bought: ItemSwapper.Bought, _ connected: ConnectedProvider,
    _ asset: inout Asset, _ context: StageContext
  ) async throws {
    // The engine in this process says itself what it cannot do.
    guard !connected.swapsHere,
      let check = try await FaceCheck(
        scene: scene, result: bought.media, face: face, engine: connected.engine, in: context)
    else { return }
    asset.swap?.faces = check.comparison
    if let fault = check.fault, !acceptsUnchanged {
      throw SwaplineError(
        .generationFailed,
        "The result of task \(bought.task) is not a swap of the scene: \(fault).",
        hint:
          "Look at \(context.folder.file(bought.media)); 'swap: { accept_unchanged: true }' takes "
          + "it, and pays nothing again. Another scene or face is another swap.")
    }
    if let change = check.change { asset.history.append(change) }
  }

  private func note(
    _ bought: ItemSwapper.Bought, _ connected: ConnectedProvider, _ way: SwapStrategy
  ) -> String {
    let media = bought.media
    var text = "\(connected.identity) \(media.uprightWidth)x\(media.uprightHeight) \(media.format)"
    if let bridge = way.bridge { text += " over the bridge \(bridge.rawValue)" }
    if bought.calls > 1 { text += ", \(bought.calls) swaps" }
    if bought.isReused { return text + ", bought before: nothing paid now" }
    guard let credits = bought.credits else { return text }
    return text + ", \(credits.formattedPlainly) credit\(credits == 1 ? "" : "s")"
  }

  private func check(_ index: Int, against profile: ProviderProfile) throws {
    guard profile.faceIndices.value.contains(index) else {
      let range = profile.faceIndices.value
      throw SwaplineError(
        .usage,
        "'face_index' is \(index), but '\(provider)' takes "
          + (range.count == 1
            ? "only \(range.lowerBound)." : "\(range.lowerBound) to \(range.upperBound)."),
        hint: "Change 'face_index' of 'swap'.")
    }
  }
}

extension Double {
  /// Without a fraction where there is none.
  var formattedPlainly: String { Int64(exactly: self).map { "\($0)" } ?? "\(self)" }
}
