import AV
import Core
import Imaging
import Processing

/// A moving file that is to be written frame by frame.
struct FrameOrder {
  let output: String
  /// The name that the request gave, where `output` has an extension added to it.
  var base: String?
  let format: MediaFormat
  /// How often it is played; 0 is for ever.
  let loops: Int
  /// The size of every frame that is written; nil leaves them as they come.
  var size: Size?
  /// How many frames will come. Asked only where a file says so at its beginning: counting may take a
  /// whole reading.
  let frames: () throws -> Int
  /// How long they last in all.
  let seconds: Double
  /// Quality 1 to 100; nil takes the format's own default.
  var quality: Int?
  /// Whether a pixel may be clear.
  let hasAlpha: Bool
  let rights: Rights?
  /// Whether every frame stays one, also one that shows what was there already.
  var keepsFrames = false
  /// What is done to each frame once it has its size.
  var operations: [PixelOperation] = []
  let cancellation: Cancellation

  private typealias Maker = @Sendable (FrameOrder) throws -> any FrameWriter

  /// What writes each format, the most wanted first. A format that moves is one line here.
  private static let writers: [(format: MediaFormat, make: Maker)] =
    [(.gif, gif), (.webp, webp), (.png, png)] + VideoContainer.all.map { ($0.format, video($0)) }

  private static let gif: Maker = { order in
    try GIFWriter(
      order.output, base: order.base, loops: order.loops, hasAlpha: order.hasAlpha,
      size: order.size, rights: order.rights, keepsFrames: order.keepsFrames)
  }

  private static let webp: Maker = { order in
    WebPWriter(
      order.output, base: order.base, loops: order.loops,
      quality: order.quality ?? MediaFormat.webp.encoding?.defaultQuality ?? 80,
      rights: order.rights)
  }

  private static let png: Maker = { order in
    try PNGWriter(
      order.output, base: order.base, loops: order.loops, frames: order.frames(),
      hasAlpha: order.hasAlpha, rights: order.rights)
  }

  private static func video(_ container: VideoContainer) -> Maker {
    { order in
      try VideoWriter(
        order.output, base: order.base, container,
        frameRate: Double(order.frames()) / max(0.01, order.seconds),
        quality: order.quality ?? 80, hasAlpha: order.hasAlpha, rights: order.rights,
        cancellation: order.cancellation)
    }
  }

  /// Every format that frames are written in, the most wanted first.
  static let formats = writers.map(\.format)

  /// Those of them that hold animations.
  static let animations = formats.filter { $0.kinds.contains(.animation) }

  /// What writes the file. Throws `SwaplineError` of code `usage` for a format that holds no frames.
  func writer() throws -> any FrameWriter { try Self.maker(of: format)(self) }

  /// Throws as `writer()` does, before anything is made.
  static func check(_ format: MediaFormat) throws { _ = try maker(of: format) }

  private static func maker(of format: MediaFormat) throws -> Maker {
    guard let found = writers.first(where: { $0.format == format }) else {
      throw SwaplineError(
        .usage, "A moving rendition was requested as \(format), which cannot hold frames.",
        hint: "Choose one of \(formats.map(\.name).joined(separator: ", ")), or ask for a still.")
    }
    return found.make
  }
}
