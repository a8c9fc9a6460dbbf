import Foundation

/// A finished process.
public struct Finished: Sendable {
  /// The exit status, or the number of the signal that ended it.
  public var status: Int32
  /// What it wrote to standard output.
  public var output: String
  /// What it wrote to standard error.
  public var messages: String
}

/// A process that was started by a test. It is killed when this object goes, and when the test
/// process ends, if it still runs then.
public final class Started: Sendable {
  private let process: Process
  private let output = StreamFile()
  private let messages = StreamFile()
  /// The process identifier.
  public let pid: Int32

  /// Starts the program at the path `program`; `input` is a file for its standard input.
  public init(
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
    pid = process.processIdentifier
    Janitor.started(pid)
  }

  deinit {
    if process.isRunning {
      kill(-pid, SIGKILL)
      kill(pid, SIGKILL)
    }
    Janitor.ended(pid)
  }

  /// Whether it still runs.
  public var isRunning: Bool { process.isRunning }
  /// What it wrote to standard error up to now.
  public var messagesSoFar: String { messages.text }
  /// What it wrote to standard output up to now.
  public var outputSoFar: String { output.text }

  /// Sends it a signal.
  public func signal(_ number: Int32) { kill(pid, number) }

  /// Waits for its end.
  public func wait() async -> Finished {
    while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
    Janitor.ended(pid)
    return Finished(
      status: process.terminationStatus, output: output.text, messages: messages.text)
  }
}

/// A file that a process writes and the test reads; a pipe would fill up and block it.
private final class StreamFile: Sendable {
  private let path = TestFolder.unique("stream")
  let handle: FileHandle

  init() {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    handle = FileHandle(forWritingAtPath: path) ?? .nullDevice
  }

  deinit {
    try? handle.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  var text: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
