import Core
import Pipelines
import Swapline

/// The items that a command line names.
enum ItemArguments {
  static let options: [Option] = [
    .value(
      "scene", "s", of: "FILE|URL|-", repeats: true,
      "A scene: a path, a URL, a folder, a pattern such as 'photos/*.jpg', or - for standard input."
    ),
    .value(
      "face", "f", of: "FILE|URL|-", repeats: true,
      "A face, a folder or a pattern; with several, every scene gets every face."),
    .value(
      "items", "i", of: "FILE", "A CSV or JSONL file, one item a row: id, scene, face, stage.key."),
    .value(
      "name", "n", of: "PATTERN",
      "How items are called: {scene}, {face}, {id}, {index}; for example '{index}-{scene}'."),
  ]

  /// Where items come from: one after the other, never all at once.
  struct Source: Sequence {
    /// The items, or what is wrong with a row.
    let entries: AnySequence<Result<Item, SwaplineError>>
    /// How many there are; nil for a file, which is read while it is used.
    let count: Int?
    /// How much of the file was read, 0 to 1.
    let fraction: () -> Double?

    func makeIterator() -> AnyIterator<Result<Item, SwaplineError>> { entries.makeIterator() }
  }

  static func source(_ arguments: Arguments, needsFace: Bool) throws -> Source {
    let scenes = arguments.all("scene")
    let faces = arguments.all("face")
    let pattern = try arguments.last("name").map { try NamePattern($0) }
    if let path = arguments.last("items") {
      guard scenes.isEmpty else {
        throw SwaplineError(
          .usage, "--items and --scene cannot stand together.", hint: "Put the scene into a row.")
      }
      let file = try ItemsFile(path, face: faces.last)
      return Source(
        entries: AnySequence(named(file, pattern)), count: nil, fraction: { file.fraction })
    }
    guard !scenes.isEmpty else {
      throw SwaplineError(
        .usage, "There is nothing to do: no scene is named.",
        hint: "Add --scene FILE or --items FILE.")
    }
    let stdin = (scenes + faces).filter { $0 == "-" }.count
    guard stdin <= 1 else {
      throw SwaplineError(
        .usage, "Standard input holds one file, and '-' stands \(stdin) times.",
        hint: "Write the others to files.")
    }
    let product = try ItemProduct(scenes: scenes, faces: faces, pattern: pattern)
    if needsFace, faces.isEmpty, case .success(let item)? = product.makeIterator().next() {
      throw SwaplineError(
        .usage, "The item '\(item.id)' has no face, and the pipeline swaps one.",
        hint: "Add --face FILE.")
    }
    return Source(entries: AnySequence(product), count: product.count, fraction: { nil })
  }

  /// The first items, for a plan: a plan is quick. Throws what is wrong with one of them.
  static func first(
    _ count: Int, _ arguments: Arguments, needsFace: Bool
  ) throws -> (items: [Item], total: Int?) {
    let source = try source(arguments, needsFace: needsFace)
    var items: [Item] = []
    for entry in source.prefix(count + 1) { items.append(try entry.get()) }
    let total = source.count ?? (items.count <= count ? items.count : nil)
    return (Array(items.prefix(count)), total)
  }

  private static func named(
    _ file: ItemsFile, _ pattern: NamePattern?
  ) -> AnyIterator<Result<Item, SwaplineError>> {
    var index = 0
    return AnyIterator {
      guard let entry = file.next() else { return nil }
      index += 1
      guard let pattern, case .success(var item) = entry else { return entry }
      item.id = Item.safeName(
        pattern.name(scene: item.scene, face: item.face, id: item.id, index: index))
      return .success(item)
    }
  }
}
