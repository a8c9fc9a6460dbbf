import Core
import Pipelines
import Swapline

/// The items that a command line names.
enum ItemArguments {
  static let options: [Option] = [
    .value(
      "scene", "s", of: "FILE|URL|-", repeats: true,
      "A scene: a path, a URL, a folder, a pattern such as 'photos/*.jpg' or 's3://bucket/photos/*.jpg', or - "
        + "for standard input."
    ),
    .value(
      "face", "f", of: "FILE|URL|-", repeats: true,
      "A face, a folder or a pattern; with several, every scene gets every face."),
    .value(
      "items", "i", of: "FILE|URL|-",
      "A CSV, JSONL or JSON list with one item per row: id, scene, face, stage.key; - for standard input."
    ),
    .value(
      "name", "n", of: "PATTERN",
      "Pattern for item names from {scene}, {face}, {id}, {index} or a list's columns, for example '{sku}-{index}'."
    ),
  ]

  /// Where items come from: one after the other, never all at once.
  struct Source: Sequence {
    /// The items, or what is wrong with a row.
    let entries: AnySequence<Result<Item, ItemFailure>>
    /// How many there are; nil for a file, which is read while it is used.
    let count: Int?
    /// How much of the file was read, 0 to 1.
    let fraction: () -> Double?
    /// What says which items they are, without reading a long list; nil where that cannot be known.
    let identity: () throws -> String?

    func makeIterator() -> AnyIterator<Result<Item, ItemFailure>> { entries.makeIterator() }
  }

  /// The items of a command line for `pipeline`, those of `shard` where there is one; a list that lies elsewhere
  /// is brought into `lists`; `note` is told what a person should know of them.
  static func source(
    _ arguments: Arguments, _ pipeline: Pipeline, shard: Shard? = nil, lists: String,
    note: @escaping (String) -> Void
  ) async throws -> Source {
    let remote = RemoteFiles(for: pipeline)
    let scenes = try await remote.files(arguments.all("scene"))
    let faces = try await remote.files(arguments.all("face"))
    let needsFace = pipeline.needsFace
    let list = arguments.last("items")
    let pattern = try arguments.last("name").map { try NamePattern($0, hasFields: list != nil) }
    if shard != nil, let pattern, pattern.counts {
      throw SwaplineError(
        .usage, "{index} is another number in a part of the list than in the whole.",
        hint: "Use {id} or a column of the list in --name.")
    }
    if let path = list {
      guard scenes.isEmpty else {
        throw SwaplineError(
          .usage, "--items and --scene cannot be given together.",
          hint: "Put the scene into a row of the list.")
      }
      guard path != "-" || faces.last != "-" else {
        throw SwaplineError(
          .usage, "Standard input cannot be both the list of items and the face.",
          hint: "Write one of them to a file.")
      }
      let isRemote = RemoteFiles.isRemote(path)
      let place = isRemote ? try await remote.list(path, into: lists) : path
      let file = try ItemsFile(
        place, face: faces.last,
        wantsFace: needsFace, stages: Set(pipeline.stages.map(\.name)),
        naming: pattern, base: isRemote ? RemoteFiles.base(of: path) : nil, shard: shard, note: note
      )
      return Source(
        entries: AnySequence(file), count: nil, fraction: { file.fraction },
        identity: {
          try ItemsFile.identity(of: place).map { list in
            ([list, arguments.last("name") ?? "", isRemote ? path : ""] + faces).joined(
              separator: "\n")
          }
        })
    }
    guard !scenes.isEmpty else {
      throw SwaplineError(
        .usage, "There is nothing to do: no scene is named.",
        hint: "Add --scene FILE or --items FILE.")
    }
    let stdin = (scenes + faces).filter { $0 == "-" }.count
    guard stdin <= 1 else {
      throw SwaplineError(
        .usage, "Standard input holds one file, and '-' is given \(stdin) times.",
        hint: "Write the others to files.")
    }
    let product = try ItemProduct(scenes: scenes, faces: faces, pattern: pattern)
    if needsFace, faces.isEmpty, case .success(let item)? = product.makeIterator().next() {
      throw SwaplineError(
        .usage, "The item '\(item.id)' has no face, but the pipeline swaps one.",
        hint: "Add --face FILE.")
    }
    for text in product.notes { note(text) }
    let items = AnySequence(
      product.lazy.filter { entry in
        guard let shard, case .success(let item) = entry else { return true }
        return shard.takes(item.id)
      })
    return Source(
      entries: items, count: shard == nil ? product.count : nil, fraction: { nil },
      identity: {
        guard stdin == 0 else { return nil }
        var digester = Digester()
        for case .success(let item) in items {
          let text = "\(item.id)\n\(item.scene)\n\(item.face ?? "")\n"
          Array(text.utf8).withUnsafeBytes { digester.update($0) }
        }
        return digester.finish().hex
      })
  }
}
