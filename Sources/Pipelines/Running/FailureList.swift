import Core
import Glibc

/// `failed.jsonl` in a run's folder: the items that failed, one a line with its reason, in the form in
/// which `--items` takes them again.
public final class FailureList {
  /// The file's name.
  public static let name = "failed.jsonl"

  private let path: String
  private var file: Int32 = -1
  /// Why the list is not whole; nil when it is. A list that cannot be written stops no item.
  public private(set) var problem: SwaplineError?

  /// A list in `folder`; what an earlier run left is removed.
  public init(_ folder: RunFolder) {
    path = "\(folder.path)/\(Self.name)"
    FileSystem.remove(path)
  }

  deinit {
    if file >= 0 { close(file) }
  }

  /// Adds an item.
  public func add(_ item: Item, _ error: SwaplineError) {
    guard !item.scene.isEmpty, problem == nil else { return }
    do throws(SwaplineError) {
      try write(item, error)
    } catch {
      problem = error
      // An empty file would say that nothing failed.
      if lseek(file, 0, SEEK_CUR) <= 0 { FileSystem.remove(path) }
    }
  }

  private func write(_ item: Item, _ error: SwaplineError) throws(SwaplineError) {
    if file < 0 {
      file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard file >= 0 else { throw FileSystem.failure("write", path) }
    }
    var row: [String: JSONValue] = [
      "id": .string(item.id), "scene": .string(item.scene), "error": .string(error.message),
    ]
    if let face = item.face { row["face"] = .string(face) }
    for (key, value) in item.overrides { row[key] = .string(value) }
    let text = ((try? JSONText.line(JSONValue.object(row))) ?? "") + "\n"
    try FileSystem.writeAll(Array(text.utf8), to: file, path: path)
  }
}
