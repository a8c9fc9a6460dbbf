import Core
import Foundation
import Testing

@testable import Processing

@Suite(.timeLimit(.minutes(1))) struct WorkerProgramTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func error(of program: String) async throws -> SwaplineError {
    let pool = try bench.pool(workers: 1, program: program)
    while true {
      let error = try #require(
        await #expect(throws: SwaplineError.self) { try await pool.probe(bench.probeRequest()) })
      // A process that another test starts at this moment holds the fresh script open for writing.
      guard error.message.contains("Text file busy") else { return error }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  @Test func aMissingProgramIsNamed() async throws {
    let error = try await error(of: "/nowhere/swapline-media")
    #expect(error.code == .notFound && error.message.contains("/nowhere/swapline-media"))
  }

  @Test func aProgramThatEndsSaysItsLastWords() async throws {
    let error = try await error(of: bench.script("echo cannot find libvips >&2; exit 127"))
    #expect(error.code == .internal && error.message.contains("exit code 127"))
    #expect(error.message.contains("cannot find libvips"))
  }

  @Test func anotherVersionIsRefused() async throws {
    let hello = #"{"ready":{"works":{"probe":"99"}}}"#
    let error = try await error(
      of: bench.script("printf '\\000\\000\\000\\\(octal(hello.utf8.count))%s' '\(hello)'; cat"))
    #expect(error.message.contains("version 99") && error.hint?.contains("same build") == true)
  }

  @Test(arguments: [
    "echo Hello, here is another program.; cat", "printf '\\000\\000\\000\\002{}'; cat",
  ])
  func somethingElseIsRefused(lines: String) async throws {
    let error = try await error(of: bench.script(lines))
    #expect(error.code == .internal && error.hint?.contains("same build") == true)
  }

  /// A worker that greets as a real one does, reads its limits and the request, and then does `last`.
  private func greeting(_ last: String) throws -> String {
    let hello = #"{"ready":{"works":{"probe":"\#(try ProbeRequest.version)"}}}"#
    return try bench.script(
      "printf '\\000\\000\\000\\\(octal(hello.utf8.count))%s' '\(hello)'; head -c 120 >/dev/null; "
        + last)
  }

  @Test(arguments: [
    ("echo no such kind of work >&2; exit 3", "exit code 3", "same build"),
    ("kill -SEGV $$", "signal 11", "corrupt or malicious"),
    ("kill -KILL $$", "signal 9", "corrupt or malicious"),
    ("exec <&- >&-; sleep 5 2>/dev/null; exit 0", "Swapline stopped it", "same build"),
  ])
  func howAWorkerEndedIsTold(last: String, ending: String, hint: String) async throws {
    let error = try await error(of: greeting(last))
    #expect(error.code == .workerCrashed)
    #expect(error.message.contains(ending), "\(error.message)")
    #expect(error.hint?.contains(hint) == true, "\(error.hint ?? "")")
  }

  @Test func aWorkerEndsWithItsPool() throws {
    // The worker with a channel whose other end closes at once, as when the pool's program is
    // killed.
    var ends: [Int32] = [-1, -1]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Bench.program())
    process.standardInput = FileHandle(fileDescriptor: ends[1], closeOnDealloc: false)
    process.standardOutput = FileHandle(fileDescriptor: ends[1], closeOnDealloc: false)
    try process.run()
    close(ends[1])
    var byte: UInt8 = 0
    #expect(read(ends[0], &byte, 1) == 1)
    close(ends[0])
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  private func octal(_ number: Int) -> String {
    let digits = String(number, radix: 8)
    return String(repeating: "0", count: 3 - digits.count) + digits
  }
}
