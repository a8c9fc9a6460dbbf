import Core
import Files
import Pipelines
import Processing

/// The pictures of a run's page: which there are, which are made for it, and how the page reaches them.
package struct ReportPictures: Sendable {
  /// One picture of an item.
  struct Source {
    /// What the page calls it: a role, or a number for a rendition.
    let name: String
    /// The file that it is made from, an absolute path.
    let path: String
  }

  /// The folder that the page lies in.
  package let page: String
  /// The run's folder.
  let run: String
  /// The folder of the pictures that are made, below the page's.
  let folder: String
  /// How the page reaches the run's folder: nothing where it lies in it, else `0042-of-1000/`.
  let way: String
  /// Whether the page goes elsewhere, without the items' own files.
  let isBundle: Bool

  /// The longest side of a small picture, in pixels: a cell of the page on a screen of double density.
  static let smallSide = 360
  /// The longest side of a picture in the large view of a page that goes elsewhere.
  static let largeSide = 1600

  /// The pictures of the page in a run's folder; small ones are kept in the run's own folder.
  package init(of run: RunFolder) {
    page = run.path
    self.run = run.path
    folder = ".swapline/report"
    way = ""
    isBundle = false
  }

  /// The pictures of a shard's items, for a page in the folder above it.
  init(ofShard run: RunFolder) {
    let name = run.path.split(separator: "/").last ?? ""
    page = String(run.path.dropLast(name.count + 1))
    self.run = run.path
    way = "\(name)/"
    folder = way + ".swapline/report"
    isBundle = false
  }

  /// The pictures of a page in `page`, a folder to be handed on.
  package init(of run: RunFolder, bundledIn page: String) {
    self.page = page
    self.run = run.path
    folder = "pictures"
    way = ""
    isBundle = true
  }

  /// What the page shows of an item: scene, face and result; without a result also what was made of the
  /// scene. Of an item that failed early, its files where they lie on this machine.
  func sources(_ id: String, _ asset: JSONValue, _ failure: JSONValue?) -> [Source] {
    var found: [Source] = []
    for role in ["scene", "face", "result"] {
      if let file = asset[role]?["file"]?.string {
        found.append(Source(name: role, path: "\(run)/\(id)/\(file)"))
      } else if let reference = failure?[role]?.string, let path = LocalReference.path(reference) {
        found.append(Source(name: role, path: path))
      }
    }
    guard asset["result"] == nil || asset["result"] == .null else { return found }
    for (number, rendition) in (asset["renditions"]?.array ?? []).prefix(2).enumerated() {
      guard let file = rendition["file"]?.string else { continue }
      found.append(Source(name: "rendition-\(number)", path: "\(run)/\(id)/\(file)"))
    }
    return found
  }

  /// Where a picture lies, as the page names it; nil where it was not made.
  func small(_ id: String, _ name: String) -> String? { made(id, name) }

  func large(_ id: String, _ name: String) -> String? { made(id, name + "-large") }

  private func made(_ id: String, _ name: String) -> String? {
    let path = "\(folder)/\(id)/\(name).webp"
    return FileSystem.exists("\(page)/\(path)") ? path : nil
  }

  /// Makes what is missing of an item, or older than its file, and says how many pictures that were. What
  /// cannot be decoded is left out: the page says so.
  func make(
    _ id: String, _ asset: JSONValue, _ failure: JSONValue?, with media: some MediaService
  ) async throws -> Int {
    var count = 0
    for source in sources(id, asset, failure) {
      guard let stamp = FileSystem.stamp(of: source.path) else { continue }
      let sides =
        [("", Self.smallSide)] + (isBundle ? [("-large", Self.largeSide)] : [])
      let wanted = sides.map { suffix, side in
        RenditionRequest(
          output: "\(page)/\(folder)/\(id)/\(source.name)\(suffix).webp", format: .webp,
          width: side,
          height: side, quality: 75)
      }.filter { request in
        FileSystem.stamp(of: request.output).map { $0.modified < stamp.modified } ?? true
      }
      guard !wanted.isEmpty else { continue }
      try FileSystem.makeFolder("\(page)/\(folder)/\(id)")
      do {
        count += try await media.render(RenderRequest(file: source.path, renditions: wanted)).count
      } catch let error as SwaplineError where error.code != .storage {
        continue
      }
    }
    return count
  }
}
