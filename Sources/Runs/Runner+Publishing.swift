import Core
import Files
import Pipelines

/// Where people and others find what was made of an item.
extension Runner {
  /// What others get of an item: what was made, and what is told of it. The scene and the face stay here.
  func published(_ asset: Asset) throws -> [Published] {
    let named = asset.media[.result].map { [("result.\($0.format.name)", $0)] } ?? []
    let own = pipeline.outputs == nil ? asset.renditions.map { ($0.file, $0.media) } : []
    let files = (named + own).map { ("\(asset.id)/\($0.0)", $0.1) }
    let elsewhere = try pipeline.outputs?.paths(of: asset).map { ($0.path, $0.media) } ?? []
    return (files + elsewhere).map { name, media in
      Published(path: folder.file(media), name: name, media: media)
    }
      + asset.documents.map(\.rawValue).sorted().map { name in
        let name = "\(asset.id)/\(name)"
        return Published(path: "\(folder.path)/\(name)", name: name, media: nil)
      }
  }

  func publish(_ asset: Asset) throws {
    // What was made is the user's to take along, even where it is an input as it was.
    for file in asset.renditions { try folder.own(file.media) }
    for file in asset.files {
      try folder.publish(file.media, as: file.name, item: asset.id)
    }
    for file in try pipeline.outputs?.paths(of: asset) ?? [] {
      try folder.own(file.media)
      try folder.publish(file.media, at: file.path)
    }
    if asset.documents.contains(.asset) {
      try folder.write(
        try AssetReport(asset).text, as: Document.asset.rawValue, item: asset.id)
    }
  }
}
