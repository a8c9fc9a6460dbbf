import AV
import Core
import Glibc
import Imaging
import Processing

/// Brings a video within limits by the least change: copied where it can be, encoded where it must.
struct VideoNormalizer {
  let request: NormalizeRequest
  let cancellation: Cancellation
  var meter: MediaProgress.Meter?

  /// How often a video that is still too large is encoded.
  private static let attempts = 7
  /// The constant rate factor that is the most anybody wants to see.
  private static let worst = 34.0

  /// The answer; without a file where the video passes byte for byte.
  func normalize() throws -> NormalizeAnswer {
    let video = try Video(request.file, limits: request.decoding, cancellation: cancellation)
    let media = try video.media(cancellation)
    var read: VideoTimes?
    let times: () throws -> VideoTimes = {
      if let read { return read }
      let times = try VideoTimes(video)
      read = times
      return times
    }
    var plan = try VideoPlan(video, media, request, times: times)
    let limit = request.limits.maximumSize
    let isTooLarge = limit.map { media.size > $0.bytes } ?? false
    guard !plan.changes.isEmpty || isTooLarge else {
      return NormalizeAnswer(file: nil, media: media, changes: [])
    }
    // What an edit list hides would be seen again in a copy, or counted as a part of its length.
    if !plan.encodes, !plan.changes.isEmpty, let stored = video.track.frames, stored != media.frames
    {
      plan.encodeShown(video, media, hidden: stored - media.frames)
    }
    guard !request.isPreview else {
      if isTooLarge, !plan.encodes { plan.encodeForSize(video, media, request.limits) }
      return NormalizeAnswer(file: nil, media: media, changes: plan.changes)
    }
    let path = request.output + "." + plan.container.format.name
    if !plan.encodes, !isTooLarge || plan.end != nil || !plan.changes.isEmpty {
      let output = try VideoOutput(
        video, plan, to: path, base: request.output, times: times)
      try VideoPass(video: video, meter: meter).write([output])
      let made = try facts(path)
      if made.size <= limit?.bytes ?? .max {
        return NormalizeAnswer(file: path, media: made, changes: told(plan, output.end))
      }
      unlink(path)
    }
    if !plan.encodes { plan.encodeForSize(video, media, request.limits) }
    return try encode(video, &plan, to: path, limit, times)
  }

  private func encode(
    _ video: Video, _ plan: inout VideoPlan, to path: String, _ limit: ByteSize?,
    _ times: () throws -> VideoTimes
  ) throws -> NormalizeAnswer {
    for attempt in 1...Self.attempts {
      let output = try VideoOutput(
        video, plan, to: path, base: request.output, times: times)
      try VideoPass(video: video, meter: meter).write([output])
      let made = try facts(path)
      guard let limit, made.size > limit.bytes else {
        return NormalizeAnswer(file: path, media: made, changes: plan.changes)
      }
      unlink(path)
      guard attempt < Self.attempts else { break }
      try squeeze(&plan, video, found: made.size, limit)
    }
    throw SwaplineError(
      .limit,
      "\(video.file.name) could not be brought within \(limit.map { "\($0)" } ?? "its limit").",
      hint: "Allow more bytes, or a shorter video (maximum_duration with trim).")
  }

  /// First worse pictures, then smaller ones.
  private func squeeze(
    _ plan: inout VideoPlan, _ video: Video, found: Int64, _ limit: ByteSize
  ) throws {
    let over = Double(found) / Double(limit.bytes)
    let reason = request.limits.reason(.maximumSize)
    if plan.quality < Self.worst {
      let before = plan.changes.first { $0.kind == .quality }?.from
      let chosen = "constant rate factor \(Int(plan.quality))"
      // Six steps are about half the bytes.
      let wanted = plan.quality + max(1, (6 * Glibc.log2(over) + 0.7).rounded(.up))
      plan.quality = min(Self.worst, wanted)
      plan.changes.removeAll { $0.kind == .quality }
      plan.changes.append(
        Change(
          .quality, from: before ?? chosen, to: "constant rate factor \(Int(plan.quality))",
          reason: reason))
      return
    }
    try plan.shrink(by: max(0.5, min(0.92, 0.97 / over.squareRoot())), video, request.limits)
  }

  /// The facts of a file that was just made; one that cannot be measured, or is not wanted any more,
  /// does not stay.
  private func facts(_ path: String) throws -> Media {
    do {
      return try MotionService.facts(ofOwn: path, cancellation: cancellation)
    } catch {
      unlink(path)
      throw error
    }
  }

  /// The changes, with the end that the cut between two pictures really gave.
  private func told(_ plan: VideoPlan, _ end: Int64?) -> [Change] {
    guard let end else { return plan.changes }
    return plan.changes.map { change in
      guard change.kind == .duration else { return change }
      var change = change
      change.to = "\(TimeSpan(milliseconds: end / 1_000)), between two pictures"
      return change
    }
  }
}

extension VideoPlan {
  /// Encodes the pictures because the file has too many bytes.
  mutating func encodeForSize(_ video: Video, _ media: Media, _ limits: MediaLimits) {
    size = Size(media.uprightWidth, media.uprightHeight).even
    quality = 23
    changes.append(
      Change(
        .quality, from: "\(video.track.codec) as it was",
        to: "constant rate factor \(Int(quality))",
        reason: limits.reason(.maximumSize)))
    encodeFacts(video)
  }

  /// Encodes the pictures because an edit list leaves some of them out.
  mutating func encodeShown(_ video: Video, _ media: Media, hidden: Int) {
    size = Size(media.uprightWidth, media.uprightHeight).even
    changes.append(
      Change(
        .frames, from: "an edit list that hides \(hidden) frames", to: "the frames that are shown",
        reason: "the video is re-encoded"))
    encodeFacts(video)
  }

  /// Makes the pictures smaller, and says so.
  mutating func shrink(
    by scale: Double, _ video: Video, _ limits: MediaLimits
  ) throws {
    guard let before = size else { return }
    let (smaller, reason) = (before.reduced(by: scale).even, limits.reason(.maximumSize))
    try smaller.check(
      video.file.name, limits, hint: "Raise \(MediaLimit.maximumSize.rawValue).")
    size = smaller
    let first = changes.first { $0.kind == .size }
    changes.removeAll { $0.kind == .size }
    changes.append(
      Change(
        .size, from: first?.from ?? before.text, to: smaller.text,
        reason: first.map { $0.reason.contains(reason) ? $0.reason : "\($0.reason), \(reason)" }
          ?? reason))
  }
}
