import AV
import Core
import Imaging
import Processing

/// Makes a moving picture anew with its frames painted over: as many frames, shown as long, with the
/// same sound.
struct FrameEditor {
  /// The constant rate factor of painted videos: no difference is seen.
  static let videoQuality = 18.0

  let picture: MovingPicture
  let output: String
  let format: MediaFormat
  let quality: Int?
  let cancellation: Cancellation
  var meter: MediaProgress.Meter?

  /// Writes the file. Nothing is there when it throws.
  func write(_ filter: any FrameFilter) throws -> Rendered {
    let changes: [Change]
    switch picture.source {
    case .video(let video): changes = try write(video, filter)
    case .animation(let animation): changes = try write(animation, filter)
    }
    let media = try MotionService.facts(ofOwn: output, cancellation: cancellation)
    return Rendered(file: output, media: media, changes: changes)
  }

  private func write(_ video: Video, _ filter: any FrameFilter) throws -> [Change] {
    guard let container = VideoContainer(format) else { throw mismatch("mp4, mov, webm or mkv") }
    let (shown, size) = (video.shown, video.shown.even)
    var plan = VideoPlan(rendering: video, as: container, size: size)
    plan.quality = quality.map(VideoWriter.rateFactor) ?? Self.videoQuality
    plan.rights = video.rights
    plan.encodeFacts(video)
    if size != shown {
      plan.changes.append(
        Change(
          .size, from: shown.text, to: size.text,
          reason: "\(container.videoCodec) holds even sides only"))
    }
    let result = try VideoOutput(
      video, plan, to: output, base: nil, filter: filter
    ) { try VideoTimes(video) }
    try VideoPass(video: video, meter: meter)
      .write([result])
    return plan.changes
  }

  private func write(_ animation: Animation, _ filter: any FrameFilter) throws -> [Change] {
    let reader = try picture.reader()
    let limit = PlayLimit(reader.loops ?? 0, in: format)
    guard FrameOrder.animations.contains(format) else { throw mismatch("gif, webp or png") }
    let made = try AnimationOutput(
      FrameOrder(
        output: output, format: format, loops: limit.plays, frames: { picture.frames },
        seconds: Double(picture.duration) / 1_000_000, quality: quality ?? 90,
        hasAlpha: reader.hasAlpha, rights: picture.rights, keepsFrames: true,
        cancellation: cancellation))
    // GIF keeps the stored delays, also those that browsers show as others.
    let delays = format == .gif ? animation.media.delays ?? animation.delays : animation.delays
    made.kept = delays.enumerated().map { ($0.offset, Int64($0.element) * 1_000) }
    made.filter = filter
    try AnimationOutput.write(
      [made], from: reader, lasting: picture.duration, cancellation: cancellation, meter: meter)
    return limit.change.map { [$0] } ?? []
  }

  private func mismatch(_ formats: String) -> SwaplineError {
    SwaplineError(
      .usage, "\(picture.name) (\(picture.format)) cannot become \(format) frame by frame.",
      hint: "Choose \(formats).")
  }
}

extension MotionService {
  /// Whether the file at `path` is a video or an animation with more than one frame.
  package func moves(
    _ path: String, limits: DecodingGuard, cancellation: Cancellation
  ) throws -> Bool {
    if Self.isVideo(path) { return true }
    guard Self.mayMove(path) else { return false }
    return try Animation(path, limits: limits, cancellation: cancellation) != nil
  }

  /// Makes a video or an animation anew with its frames painted over; nil for a still picture.
  package func retouch(
    _ file: String, to output: String, format: MediaFormat, quality: Int?, limits: DecodingGuard,
    filter: any FrameFilter, cancellation: Cancellation
  ) throws -> Rendered? {
    guard
      let picture = try MovingPicture(
        file, limits: limits, cancellation: cancellation)
    else { return nil }
    return try FrameEditor(
      picture: picture, output: output, format: format, quality: quality,
      cancellation: cancellation, meter: meter
    ).write(filter)
  }
}
