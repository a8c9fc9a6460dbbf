import Core
import Files
import Glibc
import Pipelines
import Processing

/// `failed.jsonl` in a run's folder: the items that failed, one a line with its reason, in the form in
/// which `--items` takes them again.
///
/// No query of an address is written down, because it may be a signature. An item from a list then
/// stands as a reference to its row: `{"items": "/path/list.csv", "line": 17, "digest": "…"}`, as does a
/// row that could not be read.
public final class FailureList {
  /// The file's name.
  public static let name = RunFolder.failures

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
    guard problem == nil else { return }
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
      file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, PrivateFiles.file)
      guard file >= 0 else { throw FileSystem.failure("write", path) }
    }
    let text = ((try? JSONText.line(JSONValue.object(Self.row(item, error)))) ?? "") + "\n"
    try FileSystem.writeAll(Array(text.utf8), to: file, path: path)
  }

  private static func row(_ item: Item, _ error: SwaplineError) -> [String: JSONValue] {
    var row: [String: JSONValue] = [
      "id": .string(item.id), "error": .string(error.message),
      "error.code": .string(error.code.rawValue),
    ]
    row["error.hint"] = error.hint.map { .string($0) }
    // A stage; where it is a file or an address, the sentence names it.
    if let place = error.place, place.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x5F })
    {
      row["error.stage"] = .string(place)
    }
    for (key, value) in item.shownFields { row[key] = .string(value) }
    for (key, value) in item.overrides { row[key] = .string(value) }
    let references = [("scene", item.scene), ("face", item.face ?? "")].filter { !$0.1.isEmpty }
    for (key, reference) in references {
      row[key] = .string(
        LocalReference.path(reference) == reference
          ? FileSystem.absolute(reference) : reference.shownAddress)
    }
    let isShort = references.contains { $0.1 != $0.1.shownAddress }
    if let origin = item.origin, let list = origin.list, isShort || item.scene.isEmpty {
      row["items"] = .string(list)
      row["line"] = .int(Int64(origin.line))
      // A row that made no sense is there to be mended; another one is to stay what was paid for.
      if !item.scene.isEmpty { row["digest"] = .string(origin.digest) }
    }
    return row
  }
}
