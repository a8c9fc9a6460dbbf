import AV
import Core
import Glibc
import Imaging
import Processing

/// Brings an animation within limits by the least change.
struct AnimationNormalizer {
  let animation: Animation
  let request: NormalizeRequest
  let cancellation: Cancellation
  var meter: MediaProgress.Meter?

  /// How often a file that is still too large is made again.
  private static let attempts = 8

  /// The answer; without a file where the animation passes byte for byte.
  func normalize() throws -> NormalizeAnswer {
    var plan = try AnimationPlan(animation, request)
    let limit = request.limits.maximumSize
    let isTooLarge = limit.map { animation.media.size > $0.bytes } ?? false
    guard !plan.changes.isEmpty || isTooLarge else {
      return NormalizeAnswer(file: nil, media: animation.media, changes: [])
    }
    guard !request.isPreview else {
      return NormalizeAnswer(
        file: nil, media: animation.media, changes: plan.changes + tooLarge(isTooLarge))
    }
    var quality = MediaFormat.webp.encoding?.defaultQuality ?? 80
    for attempt in 1...Self.attempts {
      let made = try write(plan, quality: quality)
      guard let limit, made.media.size > limit.bytes else {
        return NormalizeAnswer(file: made.file, media: made.media, changes: made.changes)
      }
      unlink(made.file)
      guard attempt < Self.attempts else { break }
      let reason = request.limits.reason(.maximumSize)
      if plan.format.encoding?.hasQuality == true || VideoContainer(plan.format) != nil,
        quality > 50
      {
        plan.changes.removeAll { $0.kind == .quality }
        quality -= 15
        plan.changes.append(
          Change(.quality, from: "80", to: "\(quality)", reason: reason))
        continue
      }
      // Bytes go with the area, less a part that stays.
      let wanted = (Double(limit.bytes) / Double(made.media.size)).squareRoot() * 0.97
      try plan.shrink(
        by: min(0.95, max(0.4, wanted)), animation.file.name, request.limits)
    }
    throw SwaplineError(
      .limit,
      "\(animation.file.name) could not be brought within \(limit.map { "\($0)" } ?? "its limit").",
      hint: "Allow more bytes, fewer frames (maximum_frames), or webp.")
  }

  private func tooLarge(_ isTooLarge: Bool) -> [Change] {
    guard isTooLarge else { return [] }
    return [
      Change(
        .quality, from: ByteSize(bytes: animation.media.size).rounded, to: "fewer bytes",
        reason: request.limits.reason(.maximumSize))
    ]
  }

  private func write(_ plan: AnimationPlan, quality: Int) throws -> Rendered {
    let output = request.output + "." + plan.format.name
    let reader = try animation.reader()
    let hasAlpha = reader.hasAlpha && !plan.flattens
    let loops = PlayLimit(reader.loops ?? 0, in: plan.format).plays
    let made = try AnimationOutput(
      FrameOrder(
        output: output, base: request.output, format: plan.format, loops: loops, size: plan.size,
        frames: { plan.frames.count },
        seconds: Double(plan.frames.reduce(0) { $0 + $1.duration }) / 1_000_000, quality: quality,
        hasAlpha: hasAlpha, rights: animation.media.rights, cancellation: cancellation))
    made.kept = plan.frames
    made.background = plan.flattens ? request.background : nil
    try AnimationOutput.write(
      [made], from: reader, lasting: animation.duration, cancellation: cancellation, meter: meter)
    let media = try MotionService.facts(ofOwn: output, cancellation: cancellation)
    return Rendered(file: output, media: media, changes: plan.changes + made.changes)
  }
}
