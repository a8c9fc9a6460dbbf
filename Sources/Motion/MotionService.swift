import AV
import Core
import Imaging
import Processing

/// Media work on videos and animations, done here and now: the calls block until they are done.
///
/// Call them on a `ThreadPool`. Errors are `SwaplineError`, or `CancellationError` once `cancellation`
/// was asked to stop, which reaches decoding at its next frame.
package struct MotionService: Sendable {
  let meter: MediaProgress.Meter?

  /// A service that notes on `meter` how far it is.
  package init(meter: MediaProgress.Meter? = nil) {
    self.meter = meter
  }

  /// Loads what reads and writes videos, which the first of them would wait for.
  package static func prepare() { AVLibrary.load() }

  /// Whether the file at `path` is a video, by its first bytes.
  package static func isVideo(_ path: String) -> Bool {
    (try? SniffedFile(path))?.isVideo == true
  }

  /// Whether the file at `path` may be an animation, by its first bytes.
  static func mayMove(_ path: String) -> Bool {
    (try? SniffedFile(path))?.mayMove == true
  }

  /// The facts of a video, from its bytes alone.
  package func probe(_ request: ProbeRequest, cancellation: Cancellation) throws -> Media {
    let video = try Video(request.file, limits: request.limits, cancellation: cancellation)
    let media = try video.media(cancellation)
    if request.decodesFully {
      try video.checkWhole()
      try VideoCheck(video: video).check()
    }
    video.keepAtHand()
    return media
  }

  /// The facts of a file that was just written here, whatever it is.
  static func facts(ofOwn path: String, cancellation: Cancellation) throws -> Media {
    isVideo(path)
      ? try Video(path, limits: .open, cancellation: cancellation).media(cancellation)
      : try ImagingService().probe(
        ProbeRequest(file: path, limits: .open), cancellation: cancellation)
  }

  /// Brings an animation or a video within limits by the least change; nil when the file is a still
  /// picture.
  package func normalize(
    _ request: NormalizeRequest, cancellation: Cancellation
  ) throws -> NormalizeAnswer? {
    if Self.isVideo(request.file) {
      return try VideoNormalizer(
        request: request, cancellation: cancellation, meter: meter
      ).normalize()
    }
    guard Self.mayMove(request.file) else { return nil }
    guard
      let animation = try Animation(
        request.file, limits: request.decoding, cancellation: cancellation)
    else { return nil }
    return try AnimationNormalizer(
      animation: animation, request: request, cancellation: cancellation, meter: meter
    ).normalize()
  }

  /// Whether `request` shows more of its file than the first frame of an animation, which is a
  /// picture like any other.
  package static func renders(_ request: RenderRequest) -> Bool {
    if isVideo(request.file) { return true }
    let wantsMore = request.renditions.contains {
      $0.content != .first || $0.format.kinds == [.video]
    }
    return wantsMore && mayMove(request.file)
  }

  /// Makes several files from one video or animation; nil when the file is a still picture.
  package func render(
    _ request: RenderRequest, cancellation: Cancellation
  ) throws -> [Rendered]? {
    guard
      let picture = try MovingPicture(
        request.file, limits: request.decoding, cancellation: cancellation)
    else { return nil }
    var made: [Int: Rendered] = [:]
    // Stills at set times are one piece of work: their frames come from one pass.
    let keys = request.renditions.map { $0.content.isTimed ? .time(0) : $0.content }
    let contents = keys.reduce(into: [RenditionContent]()) { list, key in
      if !list.contains(key) { list.append(key) }
    }
    for content in contents {
      let indices = keys.indices.filter { keys[$0] == content }
      let renditions = indices.map { request.renditions[$0] }
      let files =
        content == .moving
        ? try MovingRenderer(picture: picture, cancellation: cancellation, meter: meter)
          .render(renditions)
        : try StillRenderer(picture: picture, cancellation: cancellation, syncs: request.syncs)
          .render(content, renditions)
      for (index, file) in zip(indices, files) { made[index] = file }
    }
    return request.renditions.indices.compactMap { made[$0] }
  }
}

extension RenditionContent {
  /// Whether it is a still at a set time.
  var isTimed: Bool {
    switch self {
    case .time, .keyFrame: true
    case .first, .moving, .best, .strip: false
    }
  }
}
