import Foundation
@_exported import TestSupport

/// Where the tests find what was built and the fixtures, and a folder of their own that goes with
/// them.
struct Workshop: ~Copyable {
  /// The package's root.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  /// Where the built programs lie.
  static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()
  static let command = products.appending(path: "swapline")

  let folder: URL

  init() throws {
    folder = URL(filePath: TestFolder.unique("whole"))
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: folder.appending(path: name))
    return path(name)
  }

  /// The items' folders in a run's folder.
  func items(in name: String) -> Set<String> {
    names(in: name).filter { !$0.hasPrefix(".") && names(in: "\(name)/\($0)").count > 0 }
  }

  func names(in name: String) -> Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: path(name))) ?? [])
  }
}

/// Runs the built command to its end.
func swapline(_ arguments: [String], environment: [String: String] = [:]) async throws -> Finished {
  try await Started(Workshop.command.path, arguments, environment: environment).wait()
}

/// Runs the built command and waits for its end.
func swapline(
  _ arguments: String..., in folder: URL? = nil, environment: [String: String] = [:],
  input: String? = nil
) async throws -> Finished {
  try await Started(
    Workshop.command.path, arguments, in: folder, environment: environment, input: input
  ).wait()
}

/// Runs any program to its end.
func execute(_ program: String, _ arguments: [String], in folder: URL? = nil) async throws
  -> Finished
{
  try await Started("/usr/bin/env", [program] + arguments, in: folder).wait()
}
