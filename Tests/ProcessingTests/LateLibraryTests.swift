import Core
import Foundation
import Processing
import TestSupport
import Testing

/// Libraries of media are loaded when a file needs them. A program that loads one at its start was linked with a
/// function that is not in its list: `Scripts/late-symbols` makes the lists anew.
@Suite(.timeLimit(.minutes(1)), .enabled(if: bindsLate, "libraries are loaded late on x86-64 only"))
struct LateLibraryTests {
  private static let libraries = ["libvips", "libavcodec", "libopencv"]

  /// Those of the libraries that the process has loaded.
  private func loaded(_ pid: pid_t) throws -> Set<String> {
    let names = try Bench.libraries(of: pid)
    return Set(Self.libraries.filter { library in names.contains { $0.hasPrefix(library) } })
  }

  @Test(
    arguments: [
      ("scenes/portrait.jpg", []), ("private/scan.tif", ["libvips"]),
      ("moving/h264-aac.mp4", ["libavcodec"]),
    ] as [(String, Set<String>)])
  func aWorkerLoadsWhatItsFilesNeed(_ file: String, _ libraries: Set<String>) async throws {
    let bench = try Bench()
    let pool = try bench.pool(workers: 1)
    _ = try await pool.probe(bench.probeRequest(file))
    #expect(try loaded(try #require(pool.pids.first)) == libraries)
  }

  @Test(
    arguments: [(.video, ["libavcodec"]), (.image, ["libvips"])] as [(MediaKind, Set<String>)])
  func aWorkerThatWaitsGetsReady(for kind: MediaKind, _ libraries: Set<String>) async throws {
    let bench = try Bench()
    let pool = try bench.pool(workers: 1)
    pool.prepare(for: kind)
    let pid = try #require(pool.pids.first)
    try await bench.wait("the libraries for \(kind)") { (try? loaded(pid)) == libraries }
    #expect(try await pool.probe(bench.probeRequest()).width == 640)
    #expect(pool.pids == [pid])
  }

  @Test(arguments: [
    ("swapline", ["libcurl", "libmicrohttpd", "libpq"]), ("swapline-media", libraries),
  ])
  func programsStartWithout(_ program: String, _ libraries: [String]) throws {
    let path = URL(fileURLWithPath: try Bench.program()).deletingLastPathComponent()
      .appendingPathComponent(program)
    let process = Process()
    process.executableURL = path
    process.environment = ["LD_TRACE_LOADED_OBJECTS": "1"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(text.contains("libc.so"))
    for library in libraries { #expect(!text.contains("\(library)."), "\(text)") }
  }
}

#if arch(x86_64)
  private let bindsLate = true
#else
  private let bindsLate = false
#endif
