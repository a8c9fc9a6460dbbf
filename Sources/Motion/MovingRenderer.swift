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
    guard case .film(let film) = picture.source else { return try frames(renditions) }
    let isFilm = renditions.map { FilmContainer($0.format) != nil }
    let films = try FilmRenderer(
      film: film, meter: meter
    )
    .render(zip(renditions, isFilm).filter(\.1).map(\.0))
    let others = try frames(zip(renditions, isFilm).filter { !$0.1 }.map(\.0))
    var (nextFilm, nextOther) = (films.makeIterator(), others.makeIterator())
    return isFilm.compactMap { $0 ? nextFilm.next() : nextOther.next() }
  }

  /// The renditions that are made of frames in red, green and blue.
  private func frames(_ renditions: [RenditionRequest]) throws -> [Rendered] {
    guard !renditions.isEmpty else { return [] }
    let widest = renditions.map { max($0.width ?? .max, $0.height ?? .max) }.max()
    let reader = try picture.reader(maximumSide: widest == .max ? nil : widest)
    let sinks = try renditions.map { try Sink($0, picture: picture, reader: reader) }
    // Writing goes on beside reading.
    try Conveyor.running(depth: 4) { conveyor in
      while let frame = try reader.next() {
        try cancellation.check()
        meter?.note(frame.start, of: picture.duration)
        try conveyor.hand { for sink in sinks { try sink.take(frame) } }
      }
    }
    return try sinks.map { try $0.finish(cancellation) }
  }
}

/// One moving rendition while it is made.
private final class Sink {
  private let rendition: RenditionRequest
  private let picture: MovingPicture
  private let size: Size
  private let writer: any FrameWriter
  private var changes: [Change] = []
  /// Whether clear pixels get a colour.
  private var flattens = false
  /// The frame that waits until it is clear how long it is shown.
  private var waiting: Frame?
  private var taken = 0
  private var dropped = 0

  init(_ rendition: RenditionRequest, picture: MovingPicture, reader: any FrameReader) throws {
    self.rendition = rendition
    self.picture = picture
    size =
      Placement(
        Size(reader.width, reader.height), width: rendition.width, height: rendition.height,
        fit: .inside, enlarges: rendition.enlarges
      ).scaled
    let limit = PlayLimit(reader.loops ?? 0, in: rendition.format)
    if let change = limit.change { changes.append(change) }
    writer = try FrameOrder(
      output: rendition.output, format: rendition.format, loops: limit.plays,
      size: (size.width, size.height), frames: picture.countedFrames,
      seconds: Double(picture.duration) / 1_000_000, quality: rendition.quality,
      hasAlpha: reader.hasAlpha, rights: rendition.rights ?? picture.rights,
      cancellation: picture.cancellation
    ).writer()
    if case .film(let film) = picture.source {
      changes += film.decodingChanges("the frames are decoded")
    }
    if case .animation(let animation) = picture.source, let correction = animation.correction {
      changes.append(correction)
    }
    if reader.hasAlpha, !rendition.format.holdsAlpha {
      flattens = true
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

  func take(_ frame: Frame) throws {
    taken += 1
    if let shortest = rendition.format.animation?.shortestFrame, let waiting,
      waiting.duration < shortest
    {
      waiting.duration += frame.duration
      dropped += 1
      return
    }
    if let waiting { try writer.add(waiting) }
    // Another sink may hold the same frame.
    guard !writer.scalesFrames else {
      waiting = frame.copied
      return
    }
    let scaled = try frame.scaled(width: size.width, height: size.height)
    waiting = flattens ? scaled.flattened(onto: rendition.background) : scaled.copied
  }

  func finish(_ cancellation: Cancellation) throws -> Rendered {
    if let waiting {
      waiting.duration = max(
        waiting.duration, rendition.format.animation?.shortestFrame ?? 0)
      try writer.add(waiting)
    }
    try writer.finish()
    if picture.format.kinds.contains(.video) {
      changes.append(
        Change(
          .sound, from: "a film", to: "no sound", reason: "\(rendition.format) holds none"))
    }
    if dropped > 0 {
      changes.append(
        Change(
          .frames, from: "\(taken) frames", to: "\(taken - dropped) frames",
          reason: rendition.format.animation?.shortestFrameReason ?? ""))
    }
    changes += writer.changes(of: taken - dropped)
    let media = try MotionService.facts(ofOwn: rendition.output, cancellation: cancellation)
    if media.kind == .video, Size(media.width, media.height) != size {
      changes.append(
        Change(
          .size, from: size.text, to: "\(media.width)x\(media.height)",
          reason: "films hold even sides only"))
    }
    return Rendered(file: rendition.output, media: media, changes: changes)
  }
}
