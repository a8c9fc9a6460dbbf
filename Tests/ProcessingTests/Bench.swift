import Core
import Foundation
import Processing
import Synchronization
import TestSupport
import Testing

/// A folder that goes with its test, the worker program that was built with it, and the fixtures.
final class Bench: Sendable {
  private let own: TemporaryFolder
  var folder: String { own.path }
  private let seen = Mutex<[WorkerPool.Event]>([])

  init() throws {
    own = try TemporaryFolder("workers")
  }

  /// What happened to workers so far.
  var events: [WorkerPool.Event] { seen.withLock { $0 } }

  /// The names of the files in the folder.
  var names: [String] { own.names }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// The worker program: it stands beside the bundle of tests, which is mapped into this process.
  static func program() throws -> String {
    let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
    let bundle = try #require(
      maps.split(separator: "\n").first { $0.hasSuffix(".xctest") }?.split(separator: " ").last)
    return URL(fileURLWithPath: String(bundle)).deletingLastPathComponent()
      .appendingPathComponent("swapline-media").path
  }

  /// The names of the files that a process has mapped.
  static func libraries(of pid: pid_t) throws -> [String] {
    let file = try #require(FileHandle(forReadingAtPath: "/proc/\(pid)/maps"))
    // Such a file says that it is empty: String would take the first page for all of it.
    let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    return maps.split(separator: "\n").compactMap {
      $0.split(separator: "/").last.map(String.init)
    }
  }

  func pool(
    workers: Int = 2, timeLimit: TimeSpan = .seconds(60), memory: ByteSize? = nil,
    program: String? = nil
  ) throws -> WorkerPool {
    let configuration = WorkerPool.Configuration(
      program: try program ?? Bench.program(), workers: workers, timeLimit: timeLimit,
      memory: memory)
    return WorkerPool(configuration) { [weak self] event in
      self?.seen.withLock { $0.append(event) }
    }
  }

  /// Work that keeps a worker busy for many seconds.
  func slowRequest(_ name: String = "slow.webp") -> RenderRequest {
    RenderRequest(
      file: fixture("scenes/portrait.jpg"),
      renditions: [
        RenditionRequest(
          output: path(name), format: .webp, width: 9000, height: 9000, enlarges: true)
      ])
  }

  func probeRequest(_ name: String = "faces/ada.jpg") -> ProbeRequest {
    ProbeRequest(file: fixture(name))
  }

  /// A program made of shell lines.
  func script(_ lines: String) throws -> String {
    let file = path("worker.sh")
    try "#!/bin/sh\n\(lines)\n".write(toFile: file, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    return file
  }

  /// Waits until `condition` holds; fails the test when it does not within seconds.
  func wait(_ what: String, for condition: () -> Bool) async throws {
    for _ in 0..<2000 where !condition() { try await Task.sleep(for: .milliseconds(5)) }
    try #require(condition(), "\(what) did not happen")
  }
}
