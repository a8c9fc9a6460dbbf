import AV
import Core
import Imaging
import Processing

/// Makes moving renditions: every frame is decoded once and handed to all of them.
struct MovingRenderer {
  let picture: MovingPicture
  let cancellation: Cancellation
  var meter: MediaProgress.Meter?

  /// The files of `renditions`, in their order.
  func render(_ renditions: [RenditionRequest]) throws -> [Rendered] {
    for rendition in renditions { try FrameOrder.check(rendition.format) }
    guard case .video(let video) = picture.source else { return try frames(renditions) }
    let isVideo = renditions.map { VideoContainer($0.format) != nil }
    let videos = try VideoRenderer(
      video: video, meter: meter
    )
    .render(zip(renditions, isVideo).filter(\.1).map(\.0))
    let others = try frames(zip(renditions, isVideo).filter { !$0.1 }.map(\.0))
    var (nextVideo, nextOther) = (videos.makeIterator(), others.makeIterator())
    return isVideo.compactMap { $0 ? nextVideo.next() : nextOther.next() }
  }

  /// The renditions that are made of frames in red, green and blue.
  private func frames(_ renditions: [RenditionRequest]) throws -> [Rendered] {
    guard !renditions.isEmpty else { return [] }
    let widest = renditions.map { max($0.width ?? .max, $0.height ?? .max) }.max()
    let reader = try picture.reader(maximumSide: widest == .max ? nil : widest)
    let works = try renditions.map { try Work($0, picture, reader) }
    try AnimationOutput.write(
      works.map(\.output), from: reader, lasting: picture.duration, cancellation: cancellation,
      meter: meter)
    return try works.map { try $0.rendered(picture) }
  }
}

/// One moving rendition, and what is said of it.
private struct Work {
  let output: AnimationOutput
  private let rendition: RenditionRequest
  private let size: Size
  private var changes: [Change] = []

  init(_ rendition: RenditionRequest, _ picture: MovingPicture, _ reader: any FrameReader) throws {
    self.rendition = rendition
    size =
      Placement(
        Size(reader.width, reader.height), width: rendition.width, height: rendition.height,
        fit: .inside, enlarges: rendition.enlarges
      ).scaled
    let limit = PlayLimit(reader.loops ?? 0, in: rendition.format)
    if let change = limit.change { changes.append(change) }
    output = try AnimationOutput(
      FrameOrder(
        output: rendition.output, format: rendition.format, loops: limit.plays, size: size,
        frames: picture.countedFrames, seconds: Double(picture.duration) / 1_000_000,
        quality: rendition.quality, hasAlpha: reader.hasAlpha,
        rights: rendition.rights ?? picture.rights, operations: rendition.operations,
        cancellation: picture.cancellation))
    output.shortest = rendition.format.animation?.shortestFrame ?? 0
    if case .video(let video) = picture.source {
      changes += video.decodingChanges("the frames are decoded")
    }
    if case .animation(let animation) = picture.source, let correction = animation.correction {
      changes.append(correction)
    }
    if reader.hasAlpha, !rendition.format.holdsAlpha {
      output.background = rendition.background
      changes.append(
        Change(
          .alpha, from: "transparency",
          to: "flattened onto #\(rendition.background.hexadecimal)",
          reason: "\(rendition.format) holds no transparency"))
    } else if reader.hasAlpha, rendition.format.animation?.holdsHalfAlpha == false,
      picture.format != rendition.format
    {
      changes.append(
        Change(
          .alpha, from: "opacity", to: "opaque or clear",
          reason: "\(rendition.format) holds no half-transparent pixels"))
    }
  }

  /// The file, once it is whole.
  func rendered(_ picture: MovingPicture) throws -> Rendered {
    var changes = changes
    if picture.format.kinds.contains(.video) {
      changes.append(
        Change(
          .sound, from: "a video", to: "no sound", reason: "\(rendition.format) holds none"))
    }
    if output.merged > 0 {
      changes.append(
        Change(
          .frames, from: "\(output.taken) frames",
          to: "\(output.taken - output.merged) frames",
          reason: rendition.format.animation?.shortestFrameReason ?? ""))
    }
    changes += output.changes
    let media = try MotionService.facts(
      ofOwn: rendition.output, cancellation: picture.cancellation)
    if media.kind == .video, Size(media.width, media.height) != size {
      changes.append(
        Change(
          .size, from: size.text, to: "\(media.width)x\(media.height)",
          reason: "videos hold even sides only"))
    }
    return Rendered(file: rendition.output, media: media, changes: changes)
  }
}
