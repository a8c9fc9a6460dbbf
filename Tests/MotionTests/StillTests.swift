import AV
import Core
import Motion
import Processing
import TestSupport
import Testing

@testable import Motion

/// Stills of moving pictures.
@Suite struct StillTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  func still(
    _ file: String, _ content: RenditionContent, side: Int? = nil, format: MediaFormat = .png
  ) throws -> Rendered {
    let request = RenderRequest(
      file: fixture("moving/" + file),
      renditions: [
        RenditionRequest(
          output: bench.path("still." + format.name), format: format, width: side, height: side,
          content: content)
      ])
    return try #require(
      try MotionService().render(request, cancellation: Cancellation())?.first)
  }

  /// The picture in a file, by way of the animation reader's own scaler.
  func pixels(_ rendered: Rendered) throws -> Frame {
    let picture = try ImagingPixels.read(rendered.file)
    return picture
  }

  @Test(arguments: [
    ("h264-aac.mp4", 0.0), ("h264-aac.mp4", 0.5), ("h264-aac.mp4", 0.97), ("h264-aac.mp4", 9),
    ("variable-rate.mp4", 0.3), ("vp9-opus.webm", 0.4), ("av1.mkv", 0.2), ("disposals.gif", 0.35),
    ("fragmented.mp4", 0.3),
    ("fragmented.mp4", 0.62), ("recorded.webm", 0.6), ("edit-list.mp4", 0.4),
    ("animated.webp", 0.55), ("animated.png", 0.25),
  ])
  func theFrameIsTheOneShownThen(_ file: String, _ seconds: Double) throws {
    let frames = try Bench.frames(fixture("moving/" + file))
    let time = Int64(seconds * 1_000_000)
    let wanted = try #require(
      frames.last { $0.start <= time } ?? frames.first, "there are frames")
    let made = try pixels(try still(file, .time(seconds)))
    #expect(made.difference(wanted) == 0)
    // The one before looks different, so that the test could fail.
    if let other = frames.first(where: { abs($0.start - wanted.start) > 150_000 }) {
      #expect(made.difference(other) > 0.5)
    }
  }

  @Test func aTurnedFilmIsUpright() throws {
    let made = try still("turned.mp4", .first)
    #expect((made.media.width, made.media.height) == (120, 160))
    let flat = try #require(try Bench.frames(fixture("moving/h264-aac.mp4")).first)
    #expect(try pixels(made).difference(flat.turned(Orientation(8))) == 0)
  }

  @Test(arguments: [("h264-aac.mp4", 6, 3), ("disposals.gif", 4, 2), ("animated.webp", 5, 5)])
  func aStripShowsFramesInRows(_ file: String, _ count: Int, _ columns: Int) throws {
    let made = try still(file, .strip(frames: count, columns: columns), side: 240)
    #expect(made.media.width <= 240 && made.media.height <= 240)
    let rows = Double((count + columns - 1) / columns)
    let whole = try Bench.withPicture(fixture("moving/" + file)) { try $0.reader() }
    let aspect = Double(whole.width * columns) / (Double(whole.height) * rows)
    #expect(abs(Double(made.media.width) / Double(made.media.height) - aspect) < 0.1)
    #expect(made.changes.contains { $0.kind == .frames && $0.to.contains("\(count) frames") })
  }

  @Test func theClearestFrameIsNotTheBlackOne() throws {
    let path = bench.path("fade.gif")
    let writer = try GIFWriter(path, loops: 0, hasAlpha: false)
    for index in 0..<6 {
      // Black, black, a sharp pattern, the same but blurred, white, white.
      try writer.add(
        Frame(64, 48, at: Int64(index) * 100_000) { x, y in
          let sharp: UInt8 = (x / 4 + y / 4) % 2 == 0 ? 200 : 40
          let soft = UInt8(40 + (x * 3) % 160)
          let value: UInt8 = [0, 0, sharp, soft, 255, 255][index]
          return (value, value, value, 255)
        })
    }
    try writer.finish()
    let request = RenderRequest(
      file: path,
      renditions: [
        RenditionRequest(output: bench.path("best.png"), format: .png, content: .best(of: 6))
      ])
    let made = try #require(
      try MotionService().render(request, cancellation: Cancellation())?.first)
    #expect(made.changes.contains { $0.to.contains("0.25 s") })
  }

  @Test func severalContentsComeInTheOrderAskedFor() throws {
    let contents: [RenditionContent] = [
      .time(0.9), .first, .time(0.9), .strip(frames: 2, columns: 2),
    ]
    let request = RenderRequest(
      file: fixture("moving/h264-aac.mp4"),
      renditions: contents.enumerated().map { index, content in
        RenditionRequest(
          output: bench.path("\(index).png"), format: .png, width: 80, height: 80,
          content: content)
      })
    let made = try #require(try MotionService().render(request, cancellation: Cancellation()))
    #expect(made.map(\.file) == (0..<4).map { bench.path("\($0).png") })
    #expect(made[0].media.digest == made[2].media.digest)
    #expect(made[0].media.digest != made[1].media.digest)
  }
}
