import Core
import Files
import Glibc

/// Items of scenes and faces that are named one by one, as folders, or by patterns such as
/// `photos/*.jpg`: every scene with every face.
public struct ItemProduct: Sequence, Sendable {
  private let scenes: [String]
  private let faces: [String]
  private let pattern: NamePattern
  /// What was left out of folders, a sentence's words each.
  public let notes: [String]

  /// The product of `scenes` and `faces`. Throws what names no file.
  public init(
    scenes: [String], faces: [String], pattern: NamePattern? = nil
  ) throws(SwaplineError) {
    var notes: [String] = []
    var found: [String] = []
    for scene in scenes { found += try Self.files(scene, "scene", &notes) }
    self.scenes = found
    var others: [String] = []
    for face in faces { others += try Self.files(face, "face", &notes) }
    self.faces = others
    self.notes = notes
    self.pattern = pattern ?? (others.count > 1 ? .sceneAndFace : .scene)
  }

  /// How many items there are.
  public var count: Int { scenes.count * Swift.max(1, faces.count) }

  public func makeIterator() -> AnyIterator<Result<Item, ItemFailure>> {
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
  private static func files(
    _ reference: String, _ role: String, _ notes: inout [String]
  ) throws(SwaplineError) -> [String] {
    guard reference != "-", !reference.holdsAddress else { return [reference] }
    var facts = stat()
    if stat(reference, &facts) == 0 {
      guard facts.st_mode & S_IFMT == S_IFDIR else { return [reference] }
      let scan = FolderScan(reference)
      guard !scan.files.isEmpty else {
        throw SwaplineError(
          .usage,
          "The folder \(reference) holds no \(role)" + (scan.told.map { ": \($0)." } ?? "."),
          hint: "Pictures, GIFs and videos are accepted, by their content.")
      }
      if let told = scan.told { notes.append("\(reference): \(told)") }
      return scan.files
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
}
