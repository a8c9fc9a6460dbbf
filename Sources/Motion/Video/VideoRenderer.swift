import AV
import Core
import Imaging
import Processing

/// Makes videos of a video: copied where only the container changes, else encoded, all from one
/// decode.
struct VideoRenderer {
  let video: Video
  var meter: MediaProgress.Meter?

  /// The files of `renditions`, in their order.
  func render(_ renditions: [RenditionRequest]) throws -> [Rendered] {
    guard !renditions.isEmpty else { return [] }
    let works = try renditions.map { rendition in
      var (rendition, plan) = try work(rendition)
      plan.rights = rendition.rights
      return (rendition: rendition, plan: plan)
    }
    let outputs = try works.map { rendition, plan in
      try VideoOutput(video, plan, to: rendition.output, base: nil) {
        try VideoTimes(video)
      }
    }
    try VideoPass(video: video, meter: meter).write(outputs)
    return try works.map { rendition, plan in
      let media = try MotionService.facts(ofOwn: rendition.output, cancellation: video.cancellation)
      return Rendered(file: rendition.output, media: media, changes: plan.changes)
    }
  }

  private func work(
    _ rendition: RenditionRequest
  ) throws -> (rendition: RenditionRequest, plan: VideoPlan) {
    guard let container = VideoContainer(rendition.format) else {
      throw SwaplineError(.usage, "\(rendition.format) holds no videos.")
    }
    let placed = Placement(
      video.shown, width: rendition.width, height: rendition.height, fit: .inside,
      enlarges: rendition.enlarges
    ).scaled
    let isSame = placed == video.shown
    let fits = container.holds(video: video.track.codec, audio: video.sounds.map(\.codec))
    let mustEncode = container.losses(copying: video)
    let keepsPixels = rendition.quality == nil && rendition.operations.isEmpty
    if isSame, fits, mustEncode.isEmpty, keepsPixels {
      return (rendition, VideoPlan(copying: video, into: container))
    }
    var plan = VideoPlan(rendering: video, as: container, size: placed.even)
    plan.background = rendition.background
    if !rendition.operations.isEmpty {
      plan.operations = PixelOperations(rendition.operations, cancellation: video.cancellation)
    }
    plan.changes += mustEncode
    if let quality = rendition.quality { plan.quality = VideoWriter.rateFactor(quality) }
    plan.encodeFacts(video)
    return (rendition, plan)
  }
}
