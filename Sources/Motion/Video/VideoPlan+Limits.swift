import AV
import Core
import Processing

/// The single limits of a video's plan.
extension VideoPlan {
  /// The container: its own where it may stay, else one that takes what is there without encoding,
  /// else the most wanted one.
  static func container(_ video: Video, _ limits: MediaLimits) throws -> VideoContainer {
    let name = video.file.name
    if let kinds = limits.kinds, !kinds.contains(.video) {
      throw SwaplineError(
        .unsupported,
        "\(name) is a video, and only \(kinds.map(\.rawValue).joined(separator: ", ")) is taken.",
        hint: "Take a still with the stage posters, or an animation with previews.")
    }
    let allowed = limits.formats ?? [video.format]
    let candidates = VideoContainer.all.filter { allowed.contains($0.format) }
    if let own = candidates.first(where: { $0.format == video.format }) { return own }
    let sounds = video.sounds.map(\.codec)
    if let first = candidates.first(where: { $0.holds(video: video.track.codec, audio: sounds) })
      ?? candidates.first
    {
      return first
    }
    throw SwaplineError(
      .unsupported,
      "\(name) is a video, and \(allowed.map(\.name).joined(separator: ", ")) would not hold it.",
      hint: "Allow mp4, mov, mkv or webm; take a still with the stage posters, or an animation "
        + "with previews.")
  }

  /// Keeps every sound that may be copied, and encodes the others.
  mutating func keepSounds(_ video: Video, _ limits: MediaLimits) throws {
    let allowed = limits.audioCodecs
    if allowed?.isEmpty == true {
      guard !video.sounds.isEmpty else { return }
      changes.append(
        Change(
          .sound, from: video.sounds.map(\.codec).joined(separator: ", "), to: "no sound",
          reason: "audio_codecs is empty"))
      return
    }
    for stream in video.sounds {
      let fits = container.audioCodecs?.contains(stream.codec) != false
      let isAllowed = allowed?.contains(stream.codec) != false
      guard !fits || !isAllowed else {
        sounds.append((stream, .copied))
        continue
      }
      if let allowed, !allowed.contains(container.audioCodec) {
        throw SwaplineError(
          .unsupported,
          "The sound of \(video.file.name) would have to be encoded as "
            + "\(allowed.joined(separator: " or ")), and Swapline encodes \(container.format) with "
            + "\(container.audioCodec).",
          hint: "Allow \(container.audioCodec) in audio_codecs.")
      }
      sounds.append((stream, .encoded))
      changes.append(
        Change(
          .sound, from: stream.codec, to: container.audioCodec,
          reason: fits
            ? limits.reason(.audioCodecs)
            : "\(container.format) holds no \(stream.codec)"))
    }
  }

  /// Cuts off what is too long, or refuses it.
  mutating func trim(_ video: Video, _ media: Media, _ request: NormalizeRequest) throws {
    guard let most = request.limits.maximumDuration, let seconds = media.duration else { return }
    let limit = most.milliseconds * 1_000
    guard Int64((seconds * 1_000_000).rounded()) > limit else { return }
    let found = TimeSpan(milliseconds: Int64((seconds * 1_000).rounded()))
    guard request.trims else {
      throw SwaplineError(
        .limit, "\(video.file.name) lasts \(found), more than the \(most) allowed.",
        hint: "Set trim to true to cut its end off.")
    }
    end = limit
    changes.append(
      Change(
        .duration, from: "\(found)", to: "\(most)", reason: request.limits.reason(.maximumDuration))
    )
  }

  /// Chooses a constant rate where limits ask for one.
  mutating func pace(
    _ video: Video, _ media: Media, _ limits: MediaLimits, _ times: () throws -> VideoTimes
  ) throws {
    var most = limits.maximumFrameRate
    var reason = MediaLimit.maximumFrameRate
    if let count = limits.maximumFrames, media.frames > count, let rate = media.frameRate {
      let seconds = Double(media.frames) / max(rate, 0.001)
      let kept = min(end.map { Double($0) / 1_000_000 } ?? seconds, seconds)
      let rate = Double(count) / max(kept, 0.001)
      if rate < most ?? .infinity {
        most = rate
        reason = .maximumFrames
      }
    }
    guard most != nil || limits.requiresConstantFrameRate == true else { return }
    let steps = try times()
    let fastest = steps.steps.shortest > 0 ? 1_000_000 / Double(steps.steps.shortest) : 0
    let isFast = most.map { fastest > $0 * 1.02 } ?? false
    let wavers = limits.requiresConstantFrameRate == true && !steps.isConstant
    guard isFast || wavers else { return }
    let average = media.frameRate ?? 25
    if !isFast { reason = .constantFrameRate }
    let wanted = isFast ? min(most ?? average, fastest) : average
    rate = Self.rate(most: wanted, of: steps.isConstant ? average : nil)
    changes.append(
      Change(
        .timing,
        from: steps.isConstant
          ? "\(Self.text(average)) frames a second"
          : "a variable rate, \(Self.text(average)) frames a second on average",
        to: "\(Self.text(rate?.value ?? 0)) frames a second",
        reason: limits.reason(reason)))
  }

  /// A rate of at most `most`. Of a constant one a whole part, where that is not much less: every
  /// frame is then shown for as long.
  static func rate(most: Double, of constant: Double?) -> Rational {
    var wanted = most
    if let constant, constant > most {
      let part = constant / (constant / most - 1e-3).rounded(.up)
      if part >= most * 0.8 { wanted = part }
    }
    // The rates of television are multiples of 1000/1001.
    for base in [24.0, 30, 60, 120] where abs(wanted - base * 1_000 / 1_001) < 0.003 {
      return Rational(Int(base) * 1_000, 1_001)
    }
    let whole = wanted.rounded()
    if abs(wanted - whole) < 0.003, whole >= 1 { return Rational(Int(whole), 1) }
    return Rational(max(1, Int((wanted * 1_000).rounded(.down))), 1_000)
  }

  private static func text(_ rate: Double) -> String {
    let rounded = (rate * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
