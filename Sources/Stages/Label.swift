import Core
import Pipelines

/// Says in every file that is made after it whose the picture is and how it came to be.
public struct Label: FinishingStage {
  /// The copyright notice; nil keeps the original's.
  public var copyright: String?
  /// Who made it; nil keeps the original's.
  public var creator: String?
  /// How it came to be, in IPTC's words; nil keeps the original's.
  public var digitalSourceType: DigitalSourceType?
  /// Whether the original's values are kept where none are given here.
  public var keep: Bool

  /// Rights for the files that are made after this stage.
  public init(
    copyright: String? = nil, creator: String? = nil,
    digitalSourceType: DigitalSourceType? = nil, keep: Bool = true
  ) {
    self.copyright = copyright
    self.creator = creator
    self.digitalSourceType = digitalSourceType
    self.keep = keep
  }

  /// Keeps what the originals say.
  public init() {
    self.init(copyright: nil)
  }

  public static let declaration = StageDeclaration<Label>(
    "label",
    "Writes copyright, creator and IPTC's DigitalSourceType (XMP) into every file made afterwards.",
    example: "label: { digital_source_type: compositeWithTrainedAlgorithmicMedia }",
    parameters: [
      Parameter(
        "copyright", \.copyright, "The copyright notice; without it the original's is kept."
      ) {
        Self.problem($0)
      },
      Parameter("creator", \.creator, "The creator; without it the original's is kept.") {
        Self.problem($0)
      },
      Parameter(
        "digital_source_type", \.digitalSourceType,
        "IPTC's digital source type; a swapped face is compositeWithTrainedAlgorithmicMedia."
      ),
      Parameter(
        "keep", \.keep, "Whether the original's values are kept where none are given here."),
    ])

  private static func problem(_ text: String?) -> String? {
    guard let text else { return nil }
    let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    return isPlain && (1...500).contains(text.count)
      ? nil : "It has 1 to 500 characters without control characters."
  }

  public func finish(_ asset: Asset, main: Media, in context: StageContext) async throws -> Asset {
    var next = asset
    let own = Rights(
      copyright: copyright, creator: creator, digitalSourceType: digitalSourceType?.uri)
    next.rights = keep ? own.filled(from: asset.keptRights) : own
    let said = [
      next.rights?.copyright, next.rights?.creator,
      next.rights?.digitalSourceType?.split(separator: "/").last.map(String.init),
    ].compactMap { $0 }
    context.note(said.isEmpty ? "nothing is said" : said.joined(separator: "; "))
    return next
  }
}

extension DigitalSourceType: WordParameter {}
