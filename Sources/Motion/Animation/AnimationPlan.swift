import Core
import Imaging
import Processing

/// What has to change about an animation before limits let it pass, worked out from its facts.
struct AnimationPlan {
  /// The format to write.
  var format: MediaFormat
  /// The size of every frame.
  var size: Size
  /// Which frames stay, and how long each is shown, in microseconds.
  var frames: [(frame: Int, duration: Int64)]
  /// Whether transparency is flattened.
  var flattens: Bool
  /// What changes and why; empty for an animation that passes as it is.
  var changes: [Change] = []

  /// The plan for `animation`. Throws `SwaplineError` for what no change can mend.
  init(_ animation: Animation, _ request: NormalizeRequest) throws(SwaplineError) {
    let limits = request.limits
    let media = animation.media
    let name = animation.file.name
    size = Size(media.width, media.height)
    flattens = false
    frames = animation.delays.enumerated().map { ($0.offset, Int64($0.element) * 1_000) }
    format = try Self.format(media, name, limits)
    if format != media.format {
      changes.append(
        Change(
          .format, from: media.format.name, to: format.name, reason: limits.reason(.formats)))
    }
    try resize(name, limits)
    if limits.allowsAlpha == false, media.hasAlpha {
      flattens = true
      changes.append(
        Change(
          .alpha, from: "transparency", to: "flattened onto a colour", reason: limits.reason(.alpha)
        )
      )
    }
    if VideoContainer(format) != nil {
      becomeVideo(media)
    } else if let change = PlayLimit(media.loops ?? 0, in: format).change, !changes.isEmpty {
      changes.append(change)
    }
    try trim(name, request)
    reduce(limits)
    // Written down only where the file is written anew: what passes is not touched.
    let isTooLarge = limits.maximumSize.map { media.size > $0.bytes } ?? false
    if !changes.isEmpty || isTooLarge, let correction = animation.correction {
      changes.append(correction)
    }
  }

  /// Videos hold no transparency, and even sides only.
  private mutating func becomeVideo(_ media: Media) {
    if let loops = media.loops, loops != 1 {
      changes.append(
        Change(
          .timing, from: loops == 0 ? "played for ever" : "played \(loops) times",
          to: "played once", reason: "videos do not say how often"))
    }
    if media.hasAlpha, !flattens {
      flattens = true
      changes.append(
        Change(
          .alpha, from: "transparency", to: "flattened onto a colour",
          reason: "\(format) holds no transparency"))
    }
    guard size.even != size else { return }
    changes.append(
      Change(
        .size, from: size.text, to: size.even.text, reason: "videos hold even sides only"))
    size = size.even
  }

  private static func format(
    _ media: Media, _ name: String, _ limits: MediaLimits
  ) throws(SwaplineError) -> MediaFormat {
    if let kinds = limits.kinds, !kinds.contains(.animation) {
      throw SwaplineError(
        .unsupported,
        "\(name) is an animation of \(media.frames) frames, and only "
          + "\(kinds.map(\.rawValue).joined(separator: ", ")) is taken.",
        hint: "Use a still picture; the stage posters makes one.")
    }
    guard let allowed = limits.formats, !allowed.contains(media.format) else {
      return media.format
    }
    let moving = FrameOrder.animations.filter { allowed.contains($0) }
    let videos = VideoContainer.all.map(\.format).filter { allowed.contains($0) }
    guard
      let format = moving.first(where: { !media.hasAlpha || $0.animation?.holdsHalfAlpha == true })
        ?? moving.first
        ?? videos.first
    else {
      throw SwaplineError(
        .unsupported,
        "\(name) is an animation of \(media.frames) frames, and "
          + "\(allowed.map(\.name).joined(separator: ", ")) would keep one of them.",
        hint: "Allow gif, webp, png or mp4, or take a still with the stage posters.")
    }
    return format
  }

  private mutating func resize(_ name: String, _ limits: MediaLimits) throws(SwaplineError) {
    let fitted = try FittedSize(size, name, limits)
    guard !fitted.limits.isEmpty else { return }
    changes.append(
      Change(
        .size, from: size.text, to: fitted.size.text,
        reason: fitted.limits.map(limits.reason).joined(separator: ", ")))
    size = fitted.size
  }

  /// Makes frames smaller, and says so.
  mutating func shrink(
    by scale: Double, _ name: String, _ limits: MediaLimits
  ) throws(SwaplineError) {
    let before = size.text
    size = size.reduced(by: scale)
    try size.check(name, limits, hint: "Raise \(MediaLimit.maximumSize.rawValue).")
    changes.append(
      Change(.size, from: before, to: size.text, reason: limits.reason(.maximumSize)))
  }

  private mutating func trim(_ name: String, _ request: NormalizeRequest) throws(SwaplineError) {
    guard let most = request.limits.maximumDuration else { return }
    let limit = most.milliseconds * 1_000
    let total = frames.reduce(0) { $0 + $1.duration }
    guard total > limit else { return }
    guard request.trims else {
      throw SwaplineError(
        .limit,
        "\(name) lasts \(TimeSpan(milliseconds: total / 1_000)), more than the \(most) allowed.",
        hint: "Set trim to true to cut its end off.")
    }
    let count = frames.count
    var left = limit
    frames = frames.compactMap { entry in
      guard left > 0 else { return nil }
      let shown = min(left, entry.duration)
      left -= shown
      return (entry.frame, shown)
    }
    changes.append(
      Change(
        .duration, from: "\(TimeSpan(milliseconds: total / 1_000)), \(count) frames",
        to: "\(most), \(frames.count) frames", reason: request.limits.reason(.maximumDuration)))
  }

  private mutating func reduce(_ limits: MediaLimits) {
    if let rate = limits.maximumFrameRate {
      keep(Timeline.reduced(frames.map(\.duration), rate: rate), limits.reason(.maximumFrameRate))
    }
    if let count = limits.maximumFrames {
      keep(Timeline.reduced(frames.map(\.duration), count: count), limits.reason(.maximumFrames))
    }
  }

  private mutating func keep(_ kept: [(frame: Int, duration: Int64)], _ reason: String) {
    guard kept.count < frames.count else { return }
    changes.append(
      Change(
        .frames, from: "\(frames.count) frames", to: "\(kept.count) frames of the same length",
        reason: reason))
    frames = kept.map { (frames[$0.frame].frame, $0.duration) }
  }
}
