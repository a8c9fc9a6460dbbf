import AV
import Core
import Imaging
import Processing
import Vips

/// Makes stills of a moving picture: a frame at a time, the clearest one, or several in a strip.
struct StillRenderer {
  let picture: MovingPicture
  let cancellation: Cancellation

  /// The files of `renditions`, which all show `content`; decoded once for all of them.
  func render(_ content: RenditionContent, _ renditions: [RenditionRequest]) throws -> [Rendered] {
    switch content {
    case .first, .moving:
      try still(at: 0, "the first frame", renditions)
    case .time(let seconds):
      try still(at: Int64(seconds * 1_000_000), "the frame at \(Self.text(seconds)) s", renditions)
    case .best(let count):
      try best(of: count, renditions)
    case .strip(let frames, let columns):
      try strip(frames, columns, renditions)
    }
  }

  private func still(
    at time: Int64, _ what: String, _ renditions: [RenditionRequest]
  ) throws -> [Rendered] {
    var made: [Rendered] = []
    try picture.frames(at: [time]) { _, frame in
      made = try write(frame, what, renditions)
    }
    return made
  }

  /// Looks at small copies first; only the clearest one is decoded at its full size.
  private func best(of count: Int, _ renditions: [RenditionRequest]) throws -> [Rendered] {
    let times = spread(max(1, count))
    var scores: [Double] = []
    try picture.frames(at: times, maximumSide: 480) { _, frame in
      scores.append(Clarity(frame).score)
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
      let tile = try frame.fitted(in: side)
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
    let all = picture.frames > 0 ? "\(picture.frames) frames" : "a film"
    let change = Change(.frames, from: all, to: what, reason: "the rendition is a still picture")
    return try ImagingService().render(
      samples: UnsafeRawBufferPointer(frame.pixels), width: frame.width, height: frame.height,
      renditions: renditions, changes: [change], cancellation: cancellation)
  }

  private static func text(_ seconds: Double) -> String {
    let hundredths = Int((seconds * 100).rounded())
    return "\(hundredths / 100)"
      + (hundredths % 100 == 0 ? "" : ".\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)")
  }
}
