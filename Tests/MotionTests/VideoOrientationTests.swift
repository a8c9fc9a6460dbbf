import AV
import Core
import Foundation
import Imaging
import Processing
import TestSupport
import Testing

@testable import Motion

/// Every way of turning and mirroring, through every way that pictures go.
@Suite struct VideoOrientationTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  static let stored = Result { try Bench.frames(fixture("moving/h264-aac.mp4")) }

  private func video(_ orientation: Int, aspect: (Int, Int)? = nil) throws -> String {
    let path = bench.path("video.mp4")
    try Patched.video(
      "h264-aac.mp4", matrix: Patched.matrices[orientation], aspect: aspect, to: path)
    return path
  }

  enum Work: String, CaseIterable, Sendable {
    case poster, keyPoster, normalized, smaller, mov, mkv, gif, webp, mp4, split, joined, painted
  }

  /// Where the upright video is after the work, and how far it may be from the original.
  private func made(_ work: Work, _ video: String) throws -> (file: String, tolerance: Double) {
    switch work {
    case .poster: return (try still(video, .time(0)), 0)
    case .keyPoster: return (try still(video, .keyFrame(0.1)), 0)
    case .normalized:
      let answer = try normalize(video, MediaLimits(requiresUpright: true))
      return (answer.file ?? video, 6)
    case .smaller: return (try #require(try normalize(video, MediaLimits(maximumSide: 80)).file), 8)
    case .mov: return (try #require(try normalize(video, MediaLimits(formats: [.mov])).file), 0)
    case .mkv: return (try #require(try normalize(video, MediaLimits(formats: [.mkv])).file), 6)
    case .gif, .webp, .mp4: return (try bench.move(video, to: "moved." + work.rawValue).file, 8)
    case .split: return (try split(video).frames[0].file, 0)
    case .joined:
      let parts = try split(video)
      let joined = try MotionService().join(
        ReplaceFramesRequest(
          original: video, pictures: .stills(parts.frames.map(\.file), order: parts.order),
          output: bench.path("joined.mp4"), format: .mp4), cancellation: Cancellation())
      return (joined.file, 6)
    case .painted:
      return (try retouch(video, CornerPainter(skips: 1)), 6)
    }
  }

  @Test(arguments: 1...8, Work.allCases)
  func whatIsSeenStays(_ orientation: Int, _ work: Work) throws {
    let video = try video(orientation)
    let stored = try #require(Self.stored.get().first)
    let wanted = stored.seen(orientation)
    let (file, tolerance) = try made(work, video)
    let first =
      work == .poster || work == .keyPoster || work == .split
      ? try ImagingPixels.read(file) : try #require(Bench.frames(file).first)
    let fitted =
      work == .smaller ? try wanted.scaled(width: first.width, height: first.height) : wanted
    #expect(first.difference(fitted) <= tolerance)
    // Another way of turning would be far off.
    let other = stored.seen(orientation % 2 == 1 ? orientation + 1 : orientation - 1)
    let fittedOther = try other.scaled(width: first.width, height: first.height)
    #expect(first.difference(fittedOther) > 15)
  }

  @Test(arguments: 1...8) func factsAndHistorySayIt(_ orientation: Int) throws {
    let video = try video(orientation)
    let media = try MotionService().probe(ProbeRequest(file: video), cancellation: Cancellation())
    #expect(media.orientation == orientation)
    #expect((media.width, media.height) == (160, 120))
    #expect(media.uprightWidth == (orientation > 4 ? 120 : 160))
    #expect(media.uprightHeight == (orientation > 4 ? 160 : 120))
    #expect(media.remarks == nil)
    let answer = try normalize(video, MediaLimits(requiresUpright: true))
    let told = answer.changes.filter { $0.kind == .orientation }
    #expect(told.map(\.from) == (orientation == 1 ? [] : [Orientation(orientation).text]))
    #expect(answer.media.orientation == 1)
    // A copy keeps the matrix where the container has one, and is upright where it has none.
    let copy = try normalize(video, MediaLimits(formats: [.mov]))
    #expect(copy.changes.map(\.kind) == [.container])
    #expect(copy.media.orientation == orientation)
    let other = try normalize(video, MediaLimits(formats: [.mkv]))
    #expect(other.changes.contains { $0.kind == .orientation } == (orientation != 1))
    #expect(other.media.orientation == 1)
  }

  /// Painted frames and those that are left alone lie on one another, also when a side is odd.
  @Test(arguments: 1...8) func paintingMovesNothing(_ orientation: Int) throws {
    let video = try video(orientation)
    let file = try retouch(video, CornerPainter(skips: 2))
    let frames = try Bench.frames(file)
    #expect(frames.count == 25)
    for (number, frame) in frames.enumerated() {
      let (_, _, blue, _) = frame.color(8, 8)
      let (_, _, far, _) = frame.color(frame.width - 4, frame.height - 4)
      if number.isMultiple(of: 2) { #expect(blue > 240) }
      let wanted = try Self.stored.get()[number].seen(orientation)
      let (_, _, farWanted, _) = wanted.color(frame.width - 4, frame.height - 4)
      #expect(abs(Int(far) - Int(farWanted)) < 40)
      if !number.isMultiple(of: 2) { #expect(frame.difference(wanted) < 6) }
    }
  }

  @Test(
    arguments: [
      ([0.7071, 0.7071, -0.7071, 0.7071], 1, "turns by 45 degrees"),
      ([0.866, 0.5, -0.5, 0.866], 1, "turns by 30 degrees"),
      ([0.5, 0.866, -0.866, 0.5], 6, "turns by 60 degrees"),
      ([2, 0, 0, 2], 1, "scales by 2"), ([-0.5, 0, 0, 0.5], 2, "scales by 0.5"),
      ([1.5, 0, 0, 1], 1, "stretches by 1.5"), ([0, 0, 0, 0], 1, nil),
      ([0.99999, 0.001, -0.001, 0.99999], 1, nil),
    ] as [([Double], Int, String?)])
  func otherMatricesAreTheNearestAndSaid(
    _ matrix: [Double], _ orientation: Int, _ said: String?
  ) throws {
    let path = bench.path("odd.mp4")
    try Patched.video("h264-aac.mp4", matrix: matrix, to: path)
    let media = try MotionService().probe(ProbeRequest(file: path), cancellation: Cancellation())
    #expect(media.orientation == orientation)
    if let said {
      #expect(media.remarks?.count == 1)
      #expect(media.remarks?.first?.contains(said) == true)
    } else {
      #expect(media.remarks == nil)
    }
  }

  struct Shape: Sendable {
    var orientation: Int
    var horizontal: Int
    var vertical: Int
    var width: Int
  }

  static let shapes = [
    Shape(orientation: 1, horizontal: 4, vertical: 3, width: 213),
    Shape(orientation: 2, horizontal: 3, vertical: 4, width: 120),
    Shape(orientation: 6, horizontal: 16, vertical: 11, width: 233),
    Shape(orientation: 7, horizontal: 4, vertical: 3, width: 213),
    Shape(orientation: 3, horizontal: 2, vertical: 1, width: 320),
  ]

  @Test(arguments: shapes, Work.allCases)
  func pixelsThatAreNoSquaresKeepTheirShape(_ shape: Shape, _ work: Work) throws {
    let video = try video(shape.orientation, aspect: (shape.horizontal, shape.vertical))
    let media = try MotionService().probe(ProbeRequest(file: video), cancellation: Cancellation())
    #expect(media.pixelAspect?.description == "\(shape.horizontal):\(shape.vertical)")
    let isSideways = shape.orientation > 4
    let sides = isSideways ? [120, shape.width] : [shape.width, 120]
    #expect((media.uprightWidth, media.uprightHeight) == (sides[0], sides[1]))
    let (file, _) = try made(work, video)
    let isStill = work == .poster || work == .keyPoster || work == .split
    let first = try isStill ? ImagingPixels.read(file) : try #require(Bench.frames(file).first)
    // Videos have even sides.
    let scale = work == .smaller ? 80 / Double(sides.max() ?? 1) : 1
    #expect(abs(first.width - Int(Double(sides[0]) * scale)) <= 1)
    #expect(abs(first.height - Int(Double(sides[1]) * scale)) <= 1)
    let wanted = try #require(Self.stored.get().first).seen(shape.orientation)
      .scaled(width: first.width, height: first.height)
    #expect(first.difference(wanted) < 12)
    guard !isStill else { return }
    // Copies keep their pixels: mkv says nothing of turning, so only upright ones are copied.
    let keeps = work == .mov || work == .mp4 || (work == .mkv && shape.orientation == 1)
    let facts = try MotionService.facts(ofOwn: file, cancellation: Cancellation())
    #expect((facts.pixelAspect == nil) == !keeps)
    #expect((facts.uprightWidth, facts.uprightHeight) == (first.width, first.height))
  }

  @Test func historySaysThatPixelsBecameSquare() throws {
    let video = try video(1, aspect: (4, 3))
    for limits in [MediaLimits(requiresUpright: true), MediaLimits(maximumSide: 80)] {
      let answer = try normalize(video, limits)
      let told = try #require(answer.changes.first { $0.kind == .aspect })
      #expect(told.from == "160x120 with pixels of 4:3")
      #expect(told.to == "213x120 with square pixels")
      #expect(answer.media.pixelAspect == nil)
    }
    // What passes or is copied keeps its pixels.
    #expect(try normalize(video, MediaLimits(maximumSide: 213)).file == nil)
    let copy = try normalize(video, MediaLimits(formats: [.mkv]))
    #expect(copy.changes.map(\.kind) == [.container])
    #expect(copy.media.pixelAspect?.description == "4:3")
    // Limits are those of what is seen.
    #expect(try normalize(video, MediaLimits(maximumSide: 200)).file != nil)
    let preview = try bench.move(video, to: "preview.webp", side: 100)
    #expect((preview.media.width, preview.media.height) == (100, 56))
    #expect(preview.changes.contains { $0.kind == .aspect })
  }

  @Test(arguments: [(1_000, 1), (1, 40)]) func absurdPixelsAreSquares(_ shape: (Int, Int)) throws {
    let video = try video(1, aspect: shape)
    let media = try MotionService().probe(ProbeRequest(file: video), cancellation: Cancellation())
    #expect(media.pixelAspect == nil)
    #expect(media.remarks?.first?.contains("taken as squares") == true)
    #expect(media.uprightWidth == 160)
  }

  private func normalize(_ video: String, _ limits: MediaLimits) throws -> NormalizeAnswer {
    let answer = try MotionService().normalize(
      NormalizeRequest(file: video, output: bench.path("out"), limits: limits),
      cancellation: Cancellation())
    return try #require(answer)
  }

  private func still(_ video: String, _ content: RenditionContent) throws -> String {
    let order = RenditionRequest(output: bench.path("still.png"), format: .png, content: content)
    let made = try MotionService().render(
      RenderRequest(file: video, renditions: [order]), cancellation: Cancellation())
    return try #require(made?.first).file
  }

  private func split(_ video: String) throws -> ExtractFramesAnswer {
    try MotionService().split(
      ExtractFramesRequest(file: video, output: bench.path("frame")), cancellation: Cancellation())
  }

  private func retouch(_ video: String, _ filter: CornerPainter) throws -> String {
    let made = try MotionService().retouch(
      video, to: bench.path("painted.mp4"), format: .mp4, quality: 90, limits: DecodingGuard(),
      filter: filter, cancellation: Cancellation())
    #expect(filter.sides.count == 1)
    return try #require(made).file
  }
}
