import Core
import Files
import Pipelines
import Processing
import Providers

/// Brings scene and face within limits by the least change; what complies passes byte for byte.
public struct Normalize: Stage {
  /// Whose limits count.
  public enum Target: ParameterValue {
    /// Nobody's: only those that are set here.
    case own
    /// Those of the provider that the next `swap` calls.
    case swap
    /// Those of the provider of this name.
    case provider(String)

    public init(parameter node: SourceNode) throws(ParameterProblem) {
      switch try String(parameter: node) {
      case "swap": self = .swap
      case "none": self = .own
      case let name: self = .provider(name)
      }
    }

    public var printed: JSONValue {
      switch self {
      case .own: "none"
      case .swap: "swap"
      case .provider(let name): .string(name)
      }
    }

    public static var schema: JSONValue {
      let names = ["none", "swap"] + ProviderDescriptor.all.map(\.name)
      return ["enum": .array(names.map { .string($0) })]
    }

    public static var expectation: String { "swap, none or a provider's name" }
  }

  /// Whose limits count.
  public var target: Target
  /// Limits set here; they replace the target's one by one. Where they say nothing of colours,
  /// orientation and depth, those of `usualLimits` count, in Swift as in a pipeline file.
  public var limits: MediaLimits {
    didSet { limits = Self.usualLimits.replacing(with: limits) }
  }
  /// The colour that transparency is flattened onto where it must go.
  public var background: Color
  /// Whether media over the maximum duration is trimmed; otherwise it is an error.
  public var trims: Bool
  /// What happens to what files carry beside their pixels.
  public var metadata = MetadataPolicy.strip
  /// The ways around what the target cannot take that the swap may go.
  public var bridges: [Bridge] = []

  /// What is asked of every picture unless said otherwise: upright, sRGB, 8 bits a sample.
  public static let usualLimits = MediaLimits(
    maximumBitDepth: 8, requiresSRGB: true, requiresUpright: true)

  /// Brings files within the limits of `target`, those of `limits` replacing them one by one.
  public init(
    for target: Target, limits: MediaLimits = MediaLimits(), background: Color = .white,
    trims: Bool = false
  ) {
    self.trims = trims
    self.target = target
    self.limits = Self.usualLimits.replacing(with: limits)
    self.background = background
  }

  /// Brings files within the limits of a provider.
  public init(
    for provider: ProviderReference, limits: MediaLimits = MediaLimits(),
    background: Color = .white, trims: Bool = false
  ) {
    self.init(
      for: .provider(provider.name), limits: limits, background: background, trims: trims)
  }

  /// Brings files within `limits` alone.
  public init(limits: MediaLimits, background: Color = .white, trims: Bool = false) {
    self.init(for: .own, limits: limits, background: background, trims: trims)
  }

  /// Makes files upright and sRGB with 8 bits a sample, and nothing else.
  public init() {
    self.init(limits: MediaLimits())
  }

  public static let declaration = StageDeclaration<Normalize>(
    "normalize",
    "Changes scene and face only as far as the limits require, and records each change.",
    example: "normalize: { for: swap }",
    parameters: [
      Parameter(
        "for", \.target,
        "Whose limits apply: swap (the next swap's provider), a provider's name, or none."),
      Parameter(
        "formats", \.limits.formats, "Accepted formats; others are converted.",
        schema: SchemaParts.list(SchemaParts.formats(MediaFormat.all))),
      Parameter("maximum_size", \.limits.maximumSize, "Maximum file size."),
      Parameter(
        "maximum_side", \.limits.maximumSide, in: 1...65_535,
        "Maximum side in pixels."),
      Parameter(
        "minimum_side", \.limits.minimumSide, in: 1...65_535,
        "Minimum side in pixels; nothing is enlarged to meet it."),
      Parameter(
        "maximum_pixels", \.limits.maximumPixels, in: 1...1_000_000_000,
        "Maximum pixels, width times height."),
      Parameter(
        "maximum_aspect", \.limits.maximumAspect,
        "Maximum aspect ratio (long side to short side), such as 2.5.",
        schema: ["minimum": 1]
      ) {
        $0.map { $0 < 1 } == true ? "An aspect ratio is at least 1." : nil
      },
      Parameter(
        "maximum_frames", \.limits.maximumFrames, in: 1...100_000,
        "Maximum number of frames; the duration stays the same."),
      Parameter(
        "maximum_frame_rate", \.limits.maximumFrameRate,
        "Maximum frames per second; the duration stays the same.",
        schema: ["exclusiveMinimum": 0, "maximum": 1_000]
      ) {
        $0.map { $0 <= 0 || $0 > 1_000 } == true ? "It must be above 0 and at most 1000." : nil
      },
      Parameter(
        "constant_frame_rate", \.limits.requiresConstantFrameRate,
        "Whether videos get a constant frame rate."),
      Parameter(
        "maximum_duration", \.limits.maximumDuration,
        "Maximum duration of an animation or video; see trim."),
      Parameter(
        "video_codecs", \.limits.videoCodecs,
        "Accepted video codecs, such as h264; others are re-encoded."),
      Parameter(
        "audio_codecs", \.limits.audioCodecs,
        "Accepted audio codecs, such as aac; an empty list removes the audio."),
      Parameter(
        "even_sides", \.limits.requiresEvenSides,
        "Whether a video's width and height must be even."),
      Parameter(
        "fast_start", \.limits.requiresFastStart,
        "Whether the index of an mp4 or mov comes first, so that it plays while it loads."),
      Parameter(
        "trim", \.trims,
        "Whether media over the maximum duration is trimmed; otherwise it is an error."),
      Parameter(
        "metadata", \.metadata,
        "strip removes positions, serial numbers, thumbnails, comments and the like without touching "
          + "a pixel; keep sends them along."),
      Parameter(
        "bridge", \.bridges, "Bridges that the swap may use; by default those of the next swap."),
      Parameter(
        "alpha", \.limits.allowsAlpha, "Whether transparency is kept; false flattens it."),
      Parameter(
        "bit_depth", \.limits.maximumBitDepth, in: 8...16, "Maximum bits per sample."),
      Parameter("srgb", \.limits.requiresSRGB, "Whether colours are converted to sRGB."),
      Parameter(
        "upright", \.limits.requiresUpright, "Whether the EXIF orientation is applied to pixels."),
      Parameter(
        "background", \.background, "The colour that transparency is flattened onto, as '#rrggbb'."
      ),
    ],
    check: { stage in
      var problems: [String] = []
      if stage.limits.formats?.isEmpty == true {
        problems.append("'formats' is empty: nothing could be converted to it.")
      }
      if let low = stage.limits.minimumSide, let high = stage.limits.maximumSide, low > high {
        problems.append("minimum_side \(low) is above maximum_side \(high): no file meets both.")
      }
      if case .provider(let name) = stage.target, ProviderDescriptor.named(name) == nil {
        problems.append("There is no provider '\(name)'.")
      }
      return problems
    })

  public var needs: [StageNeed] {
    switch target {
    case .swap: [.laterSwap]
    case .own, .provider: []
    }
  }

  public func resolved(next: NextSwap?) -> Normalize {
    guard let next else { return self }
    var copy = self
    if target == .swap { copy.target = .provider(next.provider) }
    if copy.target == .provider(next.provider) {
      copy.bridges = next.bridges.compactMap(Bridge.init)
    }
    return copy
  }

  public func run(_ input: Fetched, in context: StageContext) async throws -> Fetched {
    var asset = input.asset
    let models = models(context)
    var notes: [String] = []
    for role in Role.allCases {
      guard let media = asset.media[role] else { continue }
      var request = NormalizeRequest(
        file: context.folder.file(media), output: context.folder.temporaryFile("normalized"),
        limits: try limits(of: models, role, asset.media[.scene]?.kind ?? media.kind),
        background: background.samples, trims: trims, metadata: metadata)
      request.syncs = false
      let answer = try await context.media.normalize(request)
      if let file = answer.file {
        try await FileSystem.sync([file])
        try context.folder.keep(file, as: answer.media)
      }
      asset.media[role] = answer.media
      asset.history += answer.changes.map { change in
        var change = change
        change.role = role
        return change
      }
      let kinds = answer.changes.map(\.kind.rawValue).joined(separator: ", ")
      notes.append("\(role.rawValue) \(kinds.isEmpty ? "as it was" : kinds)")
    }
    asset.metadata = metadata
    context.note(notes.joined(separator: "; "))
    return try Fetched(asset)
  }

  /// The target's models: as connected, where the run has them.
  private func models(_ context: StageContext) -> [ProviderModel]? {
    guard case .provider(let name) = target else { return nil }
    return context.resources[ProvidersKey.self]?[name]?.provider.models
  }

  /// What a file of `role` must come within, the scene being of `kind`.
  private func limits(
    of connected: [ProviderModel]?, _ role: Role, _ kind: MediaKind
  ) throws -> MediaLimits {
    guard case .provider(let name) = target else { return limits }
    guard let models = connected ?? ProviderDescriptor.named(name)?.models else {
      throw SwaplineError(
        .usage, "There is no provider '\(name)' whose limits could be taken.",
        hint: "Known: \(ProviderDescriptor.all.map(\.name).joined(separator: ", ")).")
    }
    // Said here, and not by the swap after everything is prepared.
    let way = try SwapStrategy(kind, models: models, allowed: bridges, provider: name)
    return (role == .scene ? way.sceneLimits(kind) : way.faceLimits).replacing(with: limits)
  }
}

extension Normalize: LimitingStage {
  public var longestSide: Int? { limits.maximumSide }
  public var possibleFormats: [MediaFormat]? { limits.formats }
}

extension MetadataPolicy: WordParameter {}

extension Normalize: PreviewingStage {
  public func previewChanges(
    _ path: String, as role: Role, settings: [String: String], media: any MediaService
  ) async throws -> [Change] {
    var known = limits
    if case .provider(let name) = target {
      let facts = try await media.probe(ProbeRequest(file: path))
      known = try limits(
        of: try ProviderDescriptor.named(name)?.models(with: settings), role, facts.kind)
    }
    return try await media.normalize(
      NormalizeRequest(
        file: path, output: path, limits: known, background: background.samples, trims: trims,
        isPreview: true, metadata: metadata)
    ).changes.map { change in
      var change = change
      change.role = role
      return change
    }
  }
}

extension MediaLimits {
  /// These limits, with those that `other` sets put in their place.
  func replacing(with other: MediaLimits) -> MediaLimits {
    MediaLimits(
      formats: other.formats ?? formats, maximumSize: other.maximumSize ?? maximumSize,
      maximumSide: other.maximumSide ?? maximumSide, minimumSide: other.minimumSide ?? minimumSide,
      maximumPixels: other.maximumPixels ?? maximumPixels,
      maximumAspect: other.maximumAspect ?? maximumAspect,
      allowsAlpha: other.allowsAlpha ?? allowsAlpha,
      maximumBitDepth: other.maximumBitDepth ?? maximumBitDepth,
      requiresSRGB: other.requiresSRGB ?? requiresSRGB,
      requiresUpright: other.requiresUpright ?? requiresUpright, kinds: other.kinds ?? kinds,
      maximumFrames: other.maximumFrames ?? maximumFrames,
      maximumFrameRate: other.maximumFrameRate ?? maximumFrameRate,
      maximumDuration: other.maximumDuration ?? maximumDuration,
      videoCodecs: other.videoCodecs ?? videoCodecs,
      audioCodecs: other.audioCodecs ?? audioCodecs,
      requiresEvenSides: other.requiresEvenSides ?? requiresEvenSides,
      requiresFastStart: other.requiresFastStart ?? requiresFastStart,
      requiresConstantFrameRate: other.requiresConstantFrameRate ?? requiresConstantFrameRate)
  }
}
