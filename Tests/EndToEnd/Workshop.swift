import Foundation

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

  static func fixture(_ path: String) -> String {
    root.appending(path: "fixtures").appending(path: path).path
  }

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "swapline-test-\(UUID().uuidString)")
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

/// A finished process.
struct Finished: Sendable {
  var status: Int32
  var output: String
  var messages: String
}

/// A process that was started by a test, which also ends it.
final class Started: Sendable {
  private let process: Process
  private let output = FilePair()
  private let messages = FilePair()

  init(
    _ program: String, _ arguments: [String], in folder: URL? = nil,
    environment: [String: String] = [:], input: String? = nil
  ) throws {
    process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    var variables = ProcessInfo.processInfo.environment
    for (key, value) in environment { variables[key] = value }
    process.environment = variables
    process.standardInput =
      try input.map { try FileHandle(forReadingFrom: URL(filePath: $0)) }
      ?? FileHandle.nullDevice
    process.standardOutput = output.handle
    process.standardError = messages.handle
    try process.run()
  }

  var pid: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }
  var messagesSoFar: String { messages.text }
  var outputSoFar: String { output.text }

  func signal(_ number: Int32) { kill(pid, number) }

  func wait() async -> Finished {
    while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
    return Finished(
      status: process.terminationStatus, output: output.text, messages: messages.text)
  }
}

/// A file that a process writes and the test reads; a pipe would fill up and block it.
private final class FilePair: Sendable {
  private let url = FileManager.default.temporaryDirectory.appending(
    path: "swapline-stream-\(UUID().uuidString)")
  let handle: FileHandle

  init() {
    _ = FileManager.default.createFile(atPath: url.path, contents: nil)
    handle = FileHandle(forWritingAtPath: url.path) ?? .nullDevice
  }

  deinit {
    try? handle.close()
    try? FileManager.default.removeItem(at: url)
  }

  var text: String { (try? String(contentsOf: url, encoding: .utf8)) ?? "" }
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
