import Core
import Pipelines
import Processing

/// Makes one picture of an exact size, as shops ask for.
public struct Resize: RenderingStage {
  /// The file's name behind the media's own: `walmart` gives `result-walmart.jpg`.
  public var name: String
  /// The box in pixels; nil does not limit.
  public var width: Int?
  /// The box in pixels; nil does not limit.
  public var height: Int?
  /// How the box is filled.
  public var fit: Fit
  /// The format to write.
  public var format: MediaFormat
  /// Quality 1 to 100; nil takes the format's own default.
  public var quality: Int?
  /// The most bytes; nil does not limit.
  public var maximumSize: ByteSize?
  /// Whether a smaller picture is enlarged.
  public var enlarge: Bool
  /// The colour around a padded picture, and under transparency where the format has none.
  public var background: Color

  /// A picture called `name` in a box.
  public init(
    name: String, width: Int?, height: Int?, fit: Fit = .inside, format: MediaFormat = .jpg,
    quality: Int? = nil, enlarge: Bool = false, background: Color = .white,
    maximumSize: ByteSize? = nil
  ) {
    self.maximumSize = maximumSize
    self.name = name
    self.width = width
    self.height = height
    self.fit = fit
    self.format = format
    self.quality = quality
    self.enlarge = enlarge
    self.background = background
  }

  /// A picture whose sides have 2000 pixels at most.
  public init() {
    self.init(name: "resized", width: 2000, height: 2000)
  }

  public static let declaration = StageDeclaration<Resize>(
    "resize", "Makes one picture of an exact size, as shops ask for.",
    example: "resize: { name: square, width: 2000, height: 2000, fit: pad }",
    parameters: [
      Parameter(
        "name", \.name, "The file's name after the main file's own, as in result-NAME.jpg.",
        schema: ["pattern": "^[A-Za-z0-9-]{1,64}$"]
      ) { name in
        let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        return isPlain && (1...64).contains(name.count)
          ? nil : "A name has 1 to 64 letters, digits and hyphens."
      },
      Parameter("width", \.width, in: 1...16_384, "The box's width in pixels."),
      Parameter("height", \.height, in: 1...16_384, "The box's height in pixels."),
      Parameter(
        "fit", \.fit,
        "inside keeps the whole picture, pad fills the rest of the box with the background; cover "
          + "cuts around the middle, attention around what catches the eye, face around faces."),
      Parameter("format", \.format, "The format to write.", schema: SchemaParts.output) {
        $0.problemAsOutput
      },
      Parameter(
        "quality", \.quality, in: 1...100, "Quality 1 to 100; the default depends on the format."),
      Parameter(
        "maximum_size", \.maximumSize,
        "Maximum file size, met by lower quality first, then by smaller dimensions."),
      Parameter("enlarge", \.enlarge, "Whether a smaller picture is enlarged to the box."),
      Parameter(
        "background", \.background,
        "The colour around a padded picture and under transparency, as '#rrggbb'."),
    ],
    check: { stage in
      if stage.width == nil, stage.height == nil {
        return ["Neither 'width' nor 'height' is set, so nothing would be resized."]
      }
      if stage.fit != .inside, stage.width == nil || stage.height == nil {
        return ["'fit: \(stage.fit.rawValue)' needs both 'width' and 'height'."]
      }
      return []
    })

  public func orders(for asset: Asset, main: Media) -> [RenditionOrder] {
    [
      RenditionOrder(
        file: "\(asset.mainRole.rawValue)-\(name).\(format.name)",
        request: RenditionRequest(
          output: "", format: format, width: width, height: height, fit: fit, enlarges: enlarge,
          quality: quality, background: background.samples, maximumSize: maximumSize))
    ]
  }
}
