import Core

/// Where the files that are made of an item are put besides its own folder, below the run's folder: a
/// path with `{id}`, `{name}`, `{stage}`, `{width}`, `{height}`, `{format}` and the other columns of
/// the item's list in it, such as `web/{id}_{width}.{format}`.
public struct OutputPattern: Sendable, Hashable, CustomStringConvertible {
  /// The pattern as it was written.
  public let description: String
  private let text: BracedText

  /// A pattern. Throws `.usage` for one that leads out of the run's folder, has a brace without its
  /// partner, or gives the files of two items one name.
  public init(_ text: String) throws(SwaplineError) {
    func fault(_ problem: String) -> SwaplineError {
      SwaplineError(
        .usage, "The pattern of outputs '\(text)' \(problem).",
        hint: "Write for example '{id}_{width}.{format}' or 'web/{id}/{name}.{format}'.")
    }
    guard let parsed = BracedText(text) else { throw fault("has a brace without its partner") }
    guard parsed.parts.contains(.name("id")) else {
      throw fault("gives every item's files one name")
    }
    guard text.hasSuffix(".{format}") else { throw fault("does not end with '.{format}'") }
    let folders = text.split(separator: "/", omittingEmptySubsequences: false)
    guard folders.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }), text.utf8.count <= 500 else {
      throw fault("is not a path below the run's folder")
    }
    let control = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    guard !control, !text.contains("}{"), !text.contains("\\") else {
      throw fault("has names side by side, or characters that no file's name has")
    }
    self.text = parsed
    description = text
  }

  /// The path of a file below the run's folder. What the values hold is made safe: nothing of them
  /// becomes a folder.
  func path(of rendition: Rendition, in item: Item) -> String {
    let media = rendition.media
    return text.filled { name in
      switch name {
      case "id": return item.id
      case "name":
        let file = rendition.file
        return Item.safeName(file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file)
      case "stage": return rendition.stage
      case "width": return "\(media.uprightWidth)"
      case "height": return "\(media.uprightHeight)"
      case "format": return media.format.name
      default:
        let value = item.fields.value(ofColumn: name) ?? ""
        return Item.safeName(value.isEmpty ? "none" : value)
      }
    }
  }

  /// The paths of everything that was made of an item. Throws when two files would have one.
  package func paths(of asset: Asset) throws(SwaplineError) -> [(path: String, media: Media)] {
    var paths: [(path: String, media: Media)] = []
    for rendition in asset.renditions {
      let path = path(of: rendition, in: asset.item)
      if let other = paths.first(where: { $0.path == path }) {
        guard other.media.digest == rendition.media.digest else {
          throw SwaplineError(
            .usage,
            "By the pattern of outputs '\(description)' two files would be called \(path); both are in "
              + "the item's folder.",
            hint: "Put {name} or {stage} into the pattern.", item: asset.id)
        }
      } else {
        paths.append((path, rendition.media))
      }
    }
    return paths
  }
}

extension OutputPattern: Codable {
  /// Reads the pattern as a text.
  public init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the pattern as a text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
