import Core

/// One item of a run: what it is called and what it is made from.
public struct Item: Sendable, Hashable, Codable {
  /// The item's name, also its folder's: letters, digits, `.`, `_` and `-`.
  public var id: String
  /// The scene: a path, a URL, or `-` for standard input.
  public var scene: String
  /// The face: a path, a URL, or `-`; nil for a pipeline without a swap.
  public var face: String?
  /// Parameters that this item sets otherwise than the pipeline, as `stage.key` and YAML text.
  public var overrides: [String: String]

  /// An item; without an `id` it is named after the scene's file.
  public init(
    id: String? = nil, scene: String, face: String? = nil, overrides: [String: String] = [:]
  ) {
    self.id = Item.safeName(id ?? Item.stem(of: scene))
    self.scene = scene
    self.face = face
    self.overrides = overrides
  }

  /// What plays `role`.
  public func reference(for role: Role) -> String? {
    switch role {
    case .scene: scene
    case .face: face
    case .result: nil
    }
  }

  /// A path's or URL's last part without query and extension; `input` when nothing is left.
  public static func stem(of reference: String) -> String {
    guard reference != "-" else { return "stdin" }
    let path = reference.prefix { $0 != "?" && $0 != "#" }
    let last = path.split(separator: "/").last.map(String.init) ?? ""
    guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return last }
    return String(last[..<dot])
  }

  /// `name` as the name of a folder: what is not a letter, digit, `.`, `_` or `-` becomes `-`.
  public static func safeName(_ name: String) -> String {
    var safe = ""
    for character in name.prefix(120) {
      let isSafe = character.isLetter || character.isNumber || "._-".contains(character)
      let next = isSafe ? character : "-"
      // File systems count bytes, at most 255, and one letter may have many.
      guard safe.utf8.count + next.utf8.count <= 240 else { break }
      safe.append(next)
    }
    // A leading dot would hide the folder, and `..` would leave the run's.
    while safe.hasPrefix(".") { safe.removeFirst() }
    // The run's own reports stand beside the items' folders.
    let own = [RunFolder.report, FailureList.name, "report.html"]
    return safe.isEmpty || own.contains(safe) ? "item" + safe : safe
  }
}
