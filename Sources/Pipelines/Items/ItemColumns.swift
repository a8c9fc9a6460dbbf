import Core

/// What the columns of a list of items mean: `id`, `scene`, `face`, parameters such as
/// `swap.face_index`, and everything else that a shop's export has, which is carried along.
struct ItemColumns {
  /// What one column holds.
  enum Meaning: Hashable {
    case id, scene, face
    /// A parameter of a stage, as `stage.key`.
    case setting(String)
    /// Anything else, under the name that it has in the list.
    case field(String)
    /// Part of a reference to a row of another list.
    case reference(String)
    /// What an earlier run said of the row.
    case ignored(String)

    /// What the column is called.
    var name: String {
      switch self {
      case .id: "id"
      case .scene: "scene"
      case .face: "face"
      case .setting(let name), .field(let name), .reference(let name), .ignored(let name): name
      }
    }
  }

  /// The names of the pipeline's stages; nil where they are not known, so that every `word.word` is
  /// taken for a parameter.
  let stages: Set<String>?

  /// A name as it is compared: without blanks, in small letters.
  static func plain(_ name: String) -> String {
    name.lowercased().filter { !$0.isWhitespace && $0 != "\u{FEFF}" && $0 != "\u{200B}" }
  }

  /// What the column called `name` holds. Throws where it looks like a parameter that is mistyped.
  func meaning(of name: String) throws(SwaplineError) -> Meaning {
    let plain = Self.plain(name)
    switch plain {
    case "id": return .id
    case "scene": return .scene
    case "face": return .face
    case "error", "error.code", "error.hint", "error.stage": return .ignored(plain)
    case "items", "line", "digest": return .reference(plain)
    default: break
    }
    let parts = plain.split(separator: ".", omittingEmptySubsequences: false)
    let isSetting =
      parts.count == 2
      && parts.allSatisfy { part in
        !part.isEmpty && part.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
      }
    guard isSetting else { return .field(name.trimmedBlanks) }
    guard let stages else { return .setting(plain) }
    let stage = String(parts[0])
    if stages.contains(stage) { return .setting(plain) }
    if let near = Suggestion.nearest(to: stage, among: stages.sorted()) {
      throw SwaplineError(
        .usage, "There is no stage '\(stage)' for the column '\(name.trimmedBlanks)'.",
        hint: "Did you mean '\(near).\(parts[1])'?")
    }
    return .field(name.trimmedBlanks)
  }

  /// What the columns of a header hold, in order. Throws what would make every row wrong.
  func meanings(of names: [String], asksForFace: Bool) throws(SwaplineError) -> [Meaning] {
    var meanings: [Meaning] = []
    var seen: [Meaning: Int] = [:]
    for (index, name) in names.enumerated() {
      var meaning: Meaning =
        name.trimmedBlanks.isEmpty ? .field("column \(index + 1)") : try meaning(of: name)
      let count = seen[meaning, default: 0] + 1
      seen[meaning] = count
      if count > 1 {
        guard case .field(let name) = meaning else {
          throw SwaplineError(
            .usage, "The column '\(Self.plain(name))' is named twice in the first line.",
            hint: "Keep one.")
        }
        meaning = .field("\(name) (\(count))")
      }
      meanings.append(meaning)
    }
    let isReference = ["items", "line"].allSatisfy { meanings.contains(.reference($0)) }
    guard meanings.contains(.scene) || isReference else {
      let found = names.map(\.trimmedBlanks).filter { !$0.isEmpty }.map { "'\($0)'" }
        .joined(separator: ", ").prefix(120)
      throw SwaplineError(
        .usage,
        "The first line has no column 'scene'"
          + (found.isEmpty ? "." : "; it names \(found)."),
        hint: misspelt("scene", in: names).map { "Is '\($0)' meant to be 'scene'?" }
          ?? "Begin the file with 'id,scene,face'.")
    }
    if asksForFace, !meanings.contains(.face), let name = misspelt("face", in: names) {
      throw SwaplineError(
        .usage, "There is no column 'face', but one called '\(name)'.",
        hint: "Did you mean 'face'? Otherwise rename it, or name the face with --face.")
    }
    return meanings
  }

  /// The name among `names` that is nearly `wanted`.
  func misspelt(_ wanted: String, in names: some Sequence<String>) -> String? {
    names.first { name in
      let plain = Self.plain(name)
      return plain != wanted && Suggestion.nearest(to: plain, among: [wanted]) != nil
    }
  }
}
