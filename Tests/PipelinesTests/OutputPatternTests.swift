import Core
import Processing
import Testing

@testable import Files
@testable import Pipelines

@Suite struct OutputPatternTests {
  private static func rendition(_ file: String, _ width: Int, _ bytes: String) -> Rendition {
    Rendition(
      file: file, stage: "thumbnails",
      media: Media(
        kind: .image, format: .webp, width: width, height: 9, size: 1, digest: Digest(of: bytes)))
  }

  private static func asset(_ renditions: [Rendition], sku: String = "A 1/2") -> Asset {
    var item = Item(id: "shoe", scene: "s.png")
    item.fields = ["SKU": sku]
    var asset = Asset(item: item)
    asset.renditions = renditions
    return asset
  }

  @Test(arguments: [
    ("{id}_{width}.{format}", "shoe_64.webp"),
    ("web/{id}/{name}.{format}", "web/shoe/scene-64.webp"),
    ("{stage}/{id}-{height}.{format}", "thumbnails/shoe-9.webp"),
    ("{sku}-{id}.{format}", "A-1-2-shoe.webp"), ("{colour}_{id}.{format}", "none_shoe.webp"),
  ])
  func valuesTakeTheirPlaces(pattern: String, path: String) throws {
    let asset = Self.asset([Self.rendition("scene-64.webp", 64, "a")])
    #expect(try OutputPattern(pattern).paths(of: asset).map(\.path) == [path])
  }

  /// What a list says never leads out of the folder, hides a file or makes a folder.
  @Test(arguments: ["../../etc/passwd", ".hidden", "a/b", "..", "", "\u{0}x", "nul\nl"])
  func valuesAreMadeSafe(value: String) throws {
    let asset = Self.asset([Self.rendition("scene-64.webp", 64, "a")], sku: value)
    let path = try #require(try OutputPattern("{sku}/{id}.{format}").paths(of: asset).first).path
    #expect(path.split(separator: "/").count == 2 && path.hasSuffix("/shoe.webp"), "\(path)")
    #expect(!path.hasPrefix(".") && !path.split(separator: "/").contains(".."), "\(path)")
  }

  @Test(arguments: [
    "", "{id}", "{width}.{format}", "{id}.webp", "/{id}.{format}", "../{id}.{format}",
    "a//{id}.{format}", ".swapline/{id}.{format}", "{id}{width}.{format}", "{id_{width}.{format}",
    "a\\{id}.{format}", "{id}\n.{format}",
  ])
  func whatCannotBeIsRefused(pattern: String) {
    let error = #expect(throws: SwaplineError.self) { try OutputPattern(pattern) }
    #expect(error?.code == .usage && error?.hint?.isEmpty == false)
  }

  @Test func twoFilesOfOneNameAreAnErrorAndEqualOnesAreOne() throws {
    let pattern = try OutputPattern("{id}_{width}.{format}")
    let twice = Self.asset([
      Self.rendition("scene-64.webp", 64, "a"), Self.rendition("other-64.webp", 64, "b"),
    ])
    let error = #expect(throws: SwaplineError.self) { try pattern.paths(of: twice) }
    #expect(error?.message.contains("shoe_64.webp") == true)
    #expect(error?.hint?.contains("{name}") == true)
    let same = Self.asset([
      Self.rendition("scene-64.webp", 64, "a"), Self.rendition("other-64.webp", 64, "a"),
    ])
    #expect(try pattern.paths(of: same).count == 1)
  }
}
