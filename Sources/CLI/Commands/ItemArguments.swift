import Core
import Pipelines
import Swapline

/// The items that a command line names.
enum ItemArguments {
  static let options: [Option] = [
    .value(
      "scene", "s", of: "FILE|URL|-", repeats: true,
      "A scene: a path, a URL, or - for standard input."),
    .value(
      "face", "f", of: "FILE|URL|-", repeats: true,
      "A face; with several, every scene gets every face."),
    .value(
      "items", "i", of: "FILE", "A CSV or JSONL file, one item a row: id, scene, face, stage.key."),
  ]

  static func items(_ arguments: Arguments, needsFace: Bool) throws(SwaplineError) -> [Item] {
    let scenes = arguments.all("scene")
    let faces = arguments.all("face")
    if let path = arguments.last("items") {
      guard scenes.isEmpty else {
        throw SwaplineError(
          .usage, "--items and --scene cannot stand together.", hint: "Put the scene into a row.")
      }
      let items = try ItemsFile.read(path, face: faces.last)
      try check(items, needsFace: needsFace)
      return items
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
    var items: [Item] = []
    for scene in scenes {
      if faces.count > 1 {
        items += faces.map {
          Item(id: "\(Item.stem(of: scene))--\(Item.stem(of: $0))", scene: scene, face: $0)
        }
      } else {
        items.append(Item(scene: scene, face: faces.first))
      }
    }
    items = numbered(items)
    try check(items, needsFace: needsFace)
    return items
  }

  private static func check(_ items: [Item], needsFace: Bool) throws(SwaplineError) {
    guard needsFace, let item = items.first(where: { $0.face == nil }) else { return }
    throw SwaplineError(
      .usage, "The item '\(item.id)' has no face, and the pipeline swaps one.",
      hint: "Add --face FILE, or a face to its row.")
  }

  // Files of one name from several folders: the later ones get a number.
  private static func numbered(_ items: [Item]) -> [Item] {
    var seen: [String: Int] = [:]
    return items.map { item in
      seen[item.id, default: 0] += 1
      guard let count = seen[item.id], count > 1 else { return item }
      return Item(
        id: "\(item.id)-\(count)", scene: item.scene, face: item.face, overrides: item.overrides)
    }
  }
}
