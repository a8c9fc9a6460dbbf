import Core
import Pipelines
import Processing

/// Takes stills out of a video or animation: at set times, or the clearest one.
public struct Posters: RenderingStage {
  /// Times of the frames, from the start.
  public var times: [TimeSpan]
  /// Whether frames are exactly those at `times`; else the key frames before them, which come in a
  /// fraction of the time.
  public var exact: Bool
  /// The clearest of so many frames, spread over the whole length; nil for none, or for eight where
  /// there are no `times` either.
  public var best: Int?
  /// The format of every poster.
  public var format: MediaFormat
  /// The longest either side may be, in pixels; nil keeps the video's own size.
  public var side: Int?
  /// Quality 1 to 100; nil takes the format's own default.
  public var quality: Int?

  /// Posters at `times`, and the clearest frame of `best`.
  public init(
    at times: [TimeSpan] = [], best: Int? = nil, format: MediaFormat = .jpg, side: Int? = nil,
    quality: Int? = nil, exact: Bool = true
  ) {
    self.exact = exact
    self.times = times
    self.best = best
    self.format = format
    self.side = side
    self.quality = quality
  }

  /// The clearest of eight frames, as JPEG.
  public init() {
    self.init(at: [])
  }

  public static let declaration = StageDeclaration<Posters>(
    "posters", "Takes stills out of a video or animation, at set times or the clearest one.",
    example: "posters: { at: [0s, 1s], best_of: 8, format: jpg }",
    parameters: [
      Parameter(
        "at", \.times, "Times of the frames, from the start.",
        schema: [
          "anyOf": [
            ["type": "array", "items": TimeSpan.schema, "uniqueItems": true], TimeSpan.schema,
          ]
        ]
      ) { times in
        Set(times).count < times.count ? "A time is written twice." : nil
      },
      Parameter(
        "exact", \.exact,
        "Whether to take exactly these frames; false takes the preceding key frames, which is faster."
      ),
      Parameter(
        "best_of", \.best, in: 1...100,
        "Takes the sharpest of this many frames, spread over the duration; 8 if 'at' is empty."),
      Parameter("format", \.format, "The format of every poster.", schema: SchemaParts.output) {
        $0.problemAsOutput
      },
      Parameter(
        "side", \.side, in: 1...16_384, "Maximum side in pixels."),
      Parameter(
        "quality", \.quality, in: 1...100, "Quality 1 to 100; the default depends on the format."),
    ])

  public func orders(for asset: Asset, main: Media) -> [RenditionOrder] {
    let name = asset.mainRole.rawValue
    let timed = times.map { time in
      order(
        "\(name)-at-\(time.milliseconds)ms", exact ? .time(time.seconds) : .keyFrame(time.seconds))
    }
    guard let best = best ?? (times.isEmpty ? 8 : nil) else { return timed }
    return timed + [order("\(name)-poster", .best(of: best))]
  }

  private func order(_ name: String, _ content: RenditionContent) -> RenditionOrder {
    RenditionOrder(
      file: "\(name).\(format.name)",
      request: RenditionRequest(
        output: "", format: format, width: side, height: side, quality: quality, content: content))
  }
}
