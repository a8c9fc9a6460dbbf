import Core
import Glibc

/// Items of scenes and faces that are named one by one, as folders, or by patterns such as
/// `photos/*.jpg`: every scene with every face.
public struct ItemProduct: Sequence, Sendable {
  private let scenes: [String]
  private let faces: [String]
  private let pattern: NamePattern

  /// The product of `scenes` and `faces`. Throws what names no file.
  public init(
    scenes: [String], faces: [String], pattern: NamePattern? = nil
  ) throws(SwaplineError) {
    var found: [String] = []
    for scene in scenes { found += try Self.files(scene, "scene") }
    self.scenes = found
    var others: [String] = []
    for face in faces { others += try Self.files(face, "face") }
    self.faces = others
    self.pattern = pattern ?? (others.count > 1 ? .sceneAndFace : .scene)
  }

  /// How many items there are.
  public var count: Int { scenes.count * Swift.max(1, faces.count) }

  public func makeIterator() -> AnyIterator<Result<Item, SwaplineError>> {
    var (scene, face, index) = (0, 0, 0)
    var names: [String: Int] = [:]
    let (scenes, faces, pattern) = (scenes, faces, pattern)
    return AnyIterator {
      guard scene < scenes.count else { return nil }
      let (one, other) = (scenes[scene], faces.isEmpty ? nil : faces[face])
      face += 1
      if face >= faces.count { (scene, face) = (scene + 1, 0) }
      index += 1
      let name = Item.safeName(pattern.name(scene: one, face: other, id: nil, index: index))
      // Files of one name from several folders: the later ones get a number.
      let count = names[name, default: 0] + 1
      names[name] = count
      return .success(
        Item(id: count == 1 ? name : "\(name)-\(count)", scene: one, face: other))
    }
  }

  /// The files that a reference means: itself, what a folder holds, or what a pattern matches.
  private static func files(_ reference: String, _ role: String) throws(SwaplineError) -> [String] {
    guard reference != "-", !reference.contains("://") else { return [reference] }
    var facts = stat()
    if stat(reference, &facts) == 0 {
      guard facts.st_mode & S_IFMT == S_IFDIR else { return [reference] }
      let found = FileSystem.files(below: reference).filter(isMedia)
      guard !found.isEmpty else {
        throw SwaplineError(
          .usage, "The folder \(reference) holds no \(role).",
          hint: "Pictures, GIFs and films are taken, by their extensions.")
      }
      return found
    }
    guard reference.contains(where: { "*?[".contains($0) }) else { return [reference] }
    var list = glob_t()
    defer { globfree(&list) }
    guard glob(reference, GLOB_MARK, nil, &list) == 0 else {
      throw SwaplineError(
        .usage, "No \(role) matches \(reference).", hint: "Check the pattern and the folder.")
    }
    return (0..<Int(list.gl_pathc)).compactMap { number in
      list.gl_pathv[number].map { String(cString: $0) }
    }.filter { !$0.hasSuffix("/") }
  }

  private static func isMedia(_ path: String) -> Bool {
    guard let dot = path.lastIndex(of: ".") else { return false }
    return MediaFormat.named(path[path.index(after: dot)...].lowercased()) != nil
  }
}

/// How items are called: a text with `{id}`, `{scene}`, `{face}` and `{index}` in it.
public struct NamePattern: Sendable, Hashable {
  private let text: String

  /// By the scene's file.
  public static let scene = NamePattern(unchecked: "{scene}")
  /// By the scene's and the face's file.
  public static let sceneAndFace = NamePattern(unchecked: "{scene}--{face}")

  private init(unchecked text: String) {
    self.text = text
  }

  /// A pattern. Throws `.usage` for a name in braces that is not known.
  public init(_ text: String) throws(SwaplineError) {
    for part in text.split(separator: "{").dropFirst(text.hasPrefix("{") ? 0 : 1) {
      let name = part.prefix { $0 != "}" }
      guard Self.known.contains(String(name)), name.endIndex < part.endIndex else {
        throw SwaplineError(
          .usage, "The name pattern '\(text)' has '{\(part)' in it.",
          hint: "Known: \(Self.known.map { "{\($0)}" }.joined(separator: ", ")).")
      }
    }
    self.text = text
  }

  private static let known = ["id", "scene", "face", "index"]

  /// The name of one item; `index` counts from 1.
  public func name(scene: String, face: String?, id: String?, index: Int) -> String {
    text.replacing("{index}", with: "\(index)")
      .replacing("{scene}", with: Item.stem(of: scene))
      .replacing("{face}", with: face.map { Item.stem(of: $0) } ?? "")
      .replacing("{id}", with: id ?? Item.stem(of: scene))
  }
}
