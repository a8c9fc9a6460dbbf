import AV
import Core
import Imaging
import Processing
import Synchronization
import Vips

/// Makes stills of a moving picture: a frame at a time, the clearest one, or several in a strip.
struct StillRenderer {
  let picture: MovingPicture
  let cancellation: Cancellation
  /// Whether files are on the disk when they are made.
  var syncs = true

  /// The files of `renditions`, which all show `content`; decoded once for all of them.
  func render(_ content: RenditionContent, _ renditions: [RenditionRequest]) throws -> [Rendered] {
    switch content {
    case .first, .moving:
      try still(at: 0, "the first frame", renditions)
    case .time, .keyFrame:
      try timed(renditions)
    case .best(let count):
      try best(of: count, renditions)
    case .strip(let frames, let columns):
      try strip(frames, columns, renditions)
    }
  }

  /// Renditions of several times, each time decoded once and in order; files are encoded beside the
  /// decoding.
  private func timed(_ renditions: [RenditionRequest]) throws -> [Rendered] {
    let wanted = renditions.map { Moment($0.content) }
    let moments = Set(wanted).sorted()
    let made = Mutex([Int: Rendered]())
    try BoundedWorkQueue.running(depth: 2) { queue in
      for isKey in [false, true] {
        let group = moments.filter { $0.isKey == isKey }
        try picture.frames(at: group.map(\.time), keyFramesOnly: isKey) { number, frame in
          let indices = wanted.indices.filter { wanted[$0] == group[number] }
          let seconds = isKey ? Double(frame.start) / 1_000_000 : group[number].seconds
          let what = "the \(isKey ? "key frame" : "frame") at \(Self.text(seconds)) s"
          try queue.submit {
            let files = try write(frame.made(), what, indices.map { renditions[$0] })
            made.withLock { made in
              for (index, file) in zip(indices, files) { made[index] = file }
            }
          }
        }
      }
    }
    return made.withLock { made in renditions.indices.compactMap { made[$0] } }
  }

  /// A time that is asked for, exactly or at the key frame before it.
  private struct Moment: Hashable, Comparable {
    let seconds: Double
    let isKey: Bool

    init(_ content: RenditionContent) {
      switch content {
      case .time(let seconds): (self.seconds, isKey) = (seconds, false)
      case .keyFrame(let seconds): (self.seconds, isKey) = (seconds, true)
      case .first, .moving, .best, .strip: (seconds, isKey) = (0, false)
      }
    }

    var time: Int64 { Int64(seconds * 1_000_000) }

    static func < (a: Moment, b: Moment) -> Bool { a.seconds < b.seconds }
  }

  private func still(
    at time: Int64, _ what: String, _ renditions: [RenditionRequest]
  ) throws -> [Rendered] {
    var made: [Rendered] = []
    try picture.frames(at: [time]) { _, frame in
      made = try write(frame.made(), what, renditions)
    }
    return made
  }

  /// Looks at small copies first; only the clearest one is decoded at its full size.
  private func best(of count: Int, _ renditions: [RenditionRequest]) throws -> [Rendered] {
    let times = spread(max(1, count))
    var scores: [Double] = []
    try picture.frames(at: times, maximumSide: 480) { _, frame in
      scores.append(Clarity(try frame.made()).score)
    }
    let index = scores.indices.max { scores[$0] < scores[$1] } ?? 0
    let seconds = Double(times[index]) / 1_000_000
    return try still(
      at: times[index],
      "the clearest of \(times.count) frames, at \(Self.text(seconds)) s", renditions)
  }

  private func strip(
    _ count: Int, _ columns: Int, _ renditions: [RenditionRequest]
  ) throws -> [Rendered] {
    let times = spread(max(1, count))
    let columns = max(1, min(columns, times.count))
    let rows = (times.count + columns - 1) / columns
    // As large as the largest rendition needs its tiles.
    let widest = renditions.compactMap { $0.width ?? $0.height }.max() ?? columns * 320
    let side = max(16, widest / columns)
    var sheet: Frame?
    try picture.frames(at: times, maximumSide: side) { index, frame in
      let tile = try frame.made().fitted(in: side)
      let whole =
        sheet ?? Frame(width: tile.width * columns, height: tile.height * rows).cleared()
      whole.paste(
        tile, left: index % columns * tile.width, top: index / columns * tile.height)
      sheet = whole
    }
    guard let sheet else { return [] }
    return try write(sheet, "\(times.count) frames in \(rows) rows", renditions)
  }

  /// So many times, each in the middle of its share of the whole.
  private func spread(_ count: Int) -> [Int64] {
    (0..<count).map { picture.duration * Int64(2 * $0 + 1) / Int64(2 * count) }
  }

  private func write(
    _ frame: Frame, _ what: String, _ renditions: [RenditionRequest]
  ) throws -> [Rendered] {
    let all = picture.frames > 0 ? "\(picture.frames) frames" : "a video"
    let change = Change(.frames, from: all, to: what, reason: "the rendition is a still picture")
    var changes = [change]
    if case .video(let video) = picture.source {
      changes += video.decodingChanges("the frame is decoded")
    }
    return try ImagingService().render(
      samples: UnsafeRawBufferPointer(frame.pixels), width: frame.width, height: frame.height,
      renditions: renditions, changes: changes, rights: picture.rights,
      syncs: syncs, cancellation: cancellation)
  }

  private static func text(_ seconds: Double) -> String {
    let hundredths = Int((seconds * 100).rounded())
    return "\(hundredths / 100)"
      + (hundredths % 100 == 0 ? "" : ".\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)")
  }
}
