import Core
import Pipelines
import Processing
import Testing

@testable import Stages

/// A picture in the wanted format is copied only where nothing about it would change.
@Suite struct ConvertTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var isCopied: Bool
    var change: @Sendable (inout Media) -> Void
  }

  static let cases: [Case] = [
    Case(testDescription: "as renditions are", isCopied: true) { _ in },
    Case(testDescription: "gray", isCopied: true) { $0.colorModel = .gray },
    Case(testDescription: "sRGB by its profile", isCopied: true) {
      $0.profile = "sRGB IEC61966-2.1"
    },
    Case(testDescription: "turned", isCopied: false) { $0.orientation = 6 },
    Case(testDescription: "inks", isCopied: false) { $0.colorModel = .cmyk },
    Case(testDescription: "a wide gamut", isCopied: false) { $0.profile = "Display P3" },
    Case(testDescription: "gray by a profile", isCopied: false) {
      ($0.colorModel, $0.profile) = (.gray, "Dot Gain 20%")
    },
    Case(testDescription: "16 bits", isCopied: false) { ($0.format, $0.bitDepth) = (.png, 16) },
  ]

  @Test(arguments: cases) func copiesOnlyWhatWouldNotChange(_ one: Case) throws {
    var media = Media(
      kind: .image, format: .jpg, width: 8, height: 6, size: 100, digest: Digest(of: [1]))
    one.change(&media)
    let order = try #require(
      Convert(to: [media.format]).orders(
        for: Asset(item: Item(scene: "scene.jpg")), main: media
      ).first)
    #expect((order.request == nil) == one.isCopied)
    let name = one.isCopied ? "scene" : "scene-converted"
    #expect(order.file == "\(name).\(media.format.name)")
  }

  @Test func whatIsDoneToPixelsIsACopyNever() throws {
    let media = Media(
      kind: .image, format: .jpg, width: 8, height: 6, size: 100, digest: Digest(of: [1]))
    var asset = Asset(item: Item(scene: "scene.jpg"))
    asset.operations = [PixelOperation("invert")]
    let order = try #require(Convert(to: [.jpg]).orders(for: asset, main: media).first)
    #expect(order.request != nil)
  }
}
