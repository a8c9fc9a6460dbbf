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
    for rendition in renditions { try check(rendition) }
    guard case .film(let film) = picture.source else { return try frames(renditions) }
    let isFilm = renditions.map { FilmContainer($0.format) != nil }
    let films = try FilmRenderer(
      film: film, halt: picture.halt, cancellation: cancellation, meter: meter
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

  private func check(_ rendition: RenditionRequest) throws {
    guard Sink.formats.contains(rendition.format) else {
      let names = Sink.formats.map(\.name).joined(separator: ", ")
      throw SwaplineError(
        .usage, "A moving rendition was asked for as \(rendition.format), which holds no frames.",
        hint: "Choose one of \(names), or ask for a still.")
    }
  }
}

/// One moving rendition while it is made.
private final class Sink {
  static let formats: [MediaFormat] = [.gif, .webp, .png] + FilmContainer.all.map(\.format)
  /// The shortest time that a frame is shown, in microseconds: two hundredths of a second in a GIF,
  /// and elsewhere more than the 10 ms that browsers take for 100. Source: Blink and WebKit.
  private static let shortest: [String: Int64] = ["gif": 20_000, "webp": 11_000, "png": 11_000]

  private let rendition: RenditionRequest
  private let picture: MovingPicture
  private let size: (width: Int, height: Int)
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
    let placed = Placing(
      width: reader.width, height: reader.height, boxWidth: rendition.width,
      boxHeight: rendition.height, enlarges: rendition.enlarges)
    size = (placed.width, placed.height)
    let limit = PlayLimit(reader.loops ?? 0, in: rendition.format)
    let loops = limit.plays
    if let change = limit.change { changes.append(change) }
    let rights = rendition.rights ?? picture.rights
    if let container = FilmContainer(rendition.format) {
      writer = try FilmWriter(
        rendition.output, container,
        frameRate: Double(picture.frames) / max(0.01, Double(picture.duration) / 1_000_000),
        quality: rendition.quality ?? 80, hasAlpha: reader.hasAlpha, rights: rights,
        halt: picture.halt)
    } else if rendition.format == .gif {
      writer = try GIFWriter(
        rendition.output, loops: loops, hasAlpha: reader.hasAlpha, size: size, rights: rights)
    } else if rendition.format == .webp {
      writer = WebPWriter(
        rendition.output, loops: loops,
        quality: rendition.quality ?? MediaFormat.webp.encoding?.defaultQuality ?? 80,
        rights: rights)
    } else {
      writer = try PNGWriter(
        rendition.output, loops: loops, frames: picture.countedFrames(), hasAlpha: reader.hasAlpha,
        rights: rights)
    }
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
    } else if reader.hasAlpha, rendition.format == .gif, picture.format != .gif {
      changes.append(
        Change(
          .alpha, from: "opacity", to: "opaque or clear",
          reason: "gif holds no half-transparent pixels"))
    }
  }

  func take(_ frame: Frame) throws {
    taken += 1
    if let shortest = Self.shortest[rendition.format.name], let waiting,
      waiting.duration < shortest
    {
      waiting.duration += frame.duration
      dropped += 1
      return
    }
    if let waiting { try writer.add(waiting) }
    // A GIF's writer scales several at once; another sink may hold the same frame.
    guard rendition.format != .gif else {
      waiting = frame.copied
      return
    }
    let scaled = try frame.scaled(width: size.width, height: size.height)
    waiting = flattens ? scaled.flattened(onto: rendition.background) : scaled.copied
  }

  func finish(_ cancellation: Cancellation) throws -> Rendered {
    if let waiting {
      waiting.duration = max(waiting.duration, Self.shortest[rendition.format.name] ?? 0)
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
          reason: rendition.format == .gif
            ? "gif shows no frame for less than 20 ms"
            : "browsers show a frame of 10 ms or less for 100"))
    }
    if let gif = writer as? GIFWriter, gif.merged > 0 {
      changes.append(
        Change(
          .frames, from: "\(taken - dropped) frames", to: "\(taken - dropped - gif.merged) frames",
          reason: "equal neighbours are one frame"))
    }
    if let change = (writer as? GIFWriter)?.repetition { changes.append(change) }
    let media = try MotionService.facts(ofOwn: rendition.output, cancellation: cancellation)
    if media.kind == .video, (media.width, media.height) != size {
      changes.append(
        Change(
          .size, from: "\(size.width)x\(size.height)", to: "\(media.width)x\(media.height)",
          reason: "films hold even sides only"))
    }
    return Rendered(file: rendition.output, media: media, changes: changes)
  }
}

/// How a frame is brought into a box: never cut, never enlarged unless asked.
struct Placing {
  let width: Int
  let height: Int

  /// The size of a picture of `width` x `height` inside a box; a nil side does not limit.
  init(width: Int, height: Int, boxWidth: Int?, boxHeight: Int?, enlarges: Bool) {
    let scales = [
      boxWidth.map { Double($0) / Double(width) }, boxHeight.map { Double($0) / Double(height) },
    ].compactMap { $0 }
    var scale = scales.min() ?? 1
    if !enlarges { scale = min(1, scale) }
    self.width = min(max(1, Int((Double(width) * scale).rounded())), boxWidth ?? .max)
    self.height = min(max(1, Int((Double(height) * scale).rounded())), boxHeight ?? .max)
  }
}
