import Core
import Pipelines
import Processing
import Providers

/// A way around what a provider cannot take. None is gone unless the pipeline allows it.
public enum Bridge: String, Sendable, Hashable, Codable, CaseIterable, WordParameter {
  /// A GIF or video through a model of stills: each different frame is a paid swap of its own.
  case frames
  /// A GIF through a model of videos, and back with its delays.
  case video

  public static var formerWords: [String: Bridge] { ["film": .video] }
}

/// How a scene gets through a provider.
enum SwapStrategy {
  /// The provider takes it.
  case direct(ProviderModel)
  /// As a video, and back.
  case video(ProviderModel)
  /// Frame by frame.
  case frames(ProviderModel)

  /// The way of a scene of `kind`: direct where there is one, else the allowed bridge with the
  /// fewest paid calls. Throws `.unsupported`, naming what would have to be allowed.
  init(
    _ kind: MediaKind, models: [ProviderModel], allowed: [Bridge], provider: String
  ) throws(SwaplineError) {
    func model(_ kind: MediaKind) -> ProviderModel? {
      models.first { $0.profile.kinds.value.contains(kind) }
    }
    if let model = model(kind) {
      self = .direct(model)
      return
    }
    let (video, still) = (kind == .animation ? model(.video) : nil, model(.image))
    if let video, allowed.contains(.video) {
      self = .video(video)
    } else if let still, kind != .image, allowed.contains(.frames) {
      self = .frames(still)
    } else {
      let kinds = Set(models.flatMap(\.profile.kinds.value))
      let taken = MediaKind.allCases.filter(kinds.contains).map(\.noun).joined(separator: " and ")
      let possible = [video.map { _ in Bridge.video }, still.map { _ in Bridge.frames }]
        .compactMap(\.self).filter { _ in kind != .image }.map(\.rawValue)
      throw SwaplineError(
        .unsupported, "The scene is \(kind.article), and '\(provider)' takes \(taken).",
        hint: possible.isEmpty
          ? "Give a scene of a kind that the provider takes."
          : "Allow a bridge: 'swap: { bridge: [\(possible.joined(separator: ", "))] }'; "
            + "'swapline plan' shows what it would cost.")
    }
  }

  /// The model that is called.
  var model: ProviderModel {
    switch self {
    case .direct(let model), .video(let model), .frames(let model): model
    }
  }

  /// The bridge that is taken; nil on the direct way.
  var bridge: Bridge? {
    switch self {
    case .direct: nil
    case .video: .video
    case .frames: .frames
    }
  }

  /// What a scene of `kind` must come within before it is carried over.
  func sceneLimits(_ kind: MediaKind) -> MediaLimits {
    let limits = model.profile.limits.value
    guard bridge != nil else {
      var own = limits
      own.kinds = own.kinds ?? model.profile.kinds.value
      return own
    }
    // Format, bytes and codecs are those of what is submitted, and made there.
    return MediaLimits(
      maximumSide: limits.maximumSide, minimumSide: limits.minimumSide,
      maximumPixels: limits.maximumPixels, maximumAspect: limits.maximumAspect, kinds: [kind],
      maximumFrames: limits.maximumFrames, maximumDuration: limits.maximumDuration)
  }

  /// What a face must come within.
  var faceLimits: MediaLimits {
    var limits = model.profile.faceLimits.value
    limits.kinds = limits.kinds ?? [.image]
    return limits
  }
}

extension MediaKind {
  /// Several of them.
  var noun: String {
    switch self {
    case .image: "stills"
    case .animation: "animations"
    case .video: "videos"
    }
  }

  /// One of them.
  var article: String {
    switch self {
    case .image: "a still"
    case .animation: "an animation"
    case .video: "a video"
    }
  }
}
