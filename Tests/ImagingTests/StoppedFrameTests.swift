import Core
import Deflate
import Foundation
import Glibc
import Processing
import TestSupport
import Testing
import Vips

@testable import Imaging

/// A stop that comes while a frame is being decoded.
@Suite struct StoppedFrameTests {
  private let bench: Workbench
  private static let side = 5_000

  init() throws { bench = try Workbench() }

  /// An animated PNG of two frames, of which the second is costly to decode.
  private func file() throws -> String {
    let side = Self.side
    var samples = [UInt8](repeating: 0, count: side * side * 3)
    samples.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return }
      for row in 0..<side { memset(start + row * side * 3, Int32(row & 0xFF), side * 3) }
    }
    let picture = try Image.fromSamples(samples, width: side, height: side, bands: 3)
    let png = try picture.encoded(suffix: ".png", options: "compression=1,filter=all")
      .withBytes { Array($0) }
    let header = Array(png[16..<29])
    let data = chunks(of: png).filter { $0.name == "IDAT" }.flatMap(\.content)
    var result = Array(png.prefix(8))
    put("IHDR", header, &result)
    put("acTL", four(2) + four(0), &result)
    // The first frame is one pixel, and is no cost.
    let pixel = try Image.fromSamples([9, 9, 9], width: 1, height: 1, bands: 3)
      .encoded(suffix: ".png", options: "").withBytes { Array($0) }
    let small = chunks(of: pixel).filter { $0.name == "IDAT" }.flatMap(\.content)
    put("IDAT", data, &result)
    for (number, frame) in [small, data].enumerated() {
      let edge = number == 0 ? 1 : side
      put(
        "fcTL",
        four(number * 2) + four(edge) + four(edge) + four(0) + four(0) + [0, 10, 0, 100, 0, 0],
        &result)
      put("fdAT", four(number * 2 + 1) + frame, &result)
    }
    put("IEND", [], &result)
    return try bench.put(result, as: "frames.png")
  }

  private func four(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private func put(_ name: String, _ content: [UInt8], _ result: inout [UInt8]) {
    let body = Array(name.utf8) + content
    result += four(content.count) + body
    result += four(Int(body.withUnsafeBytes { ZlibCompressor.crc32($0) }))
  }

  private func chunks(of png: [UInt8]) -> [(name: String, content: [UInt8])] {
    var result: [(String, [UInt8])] = []
    var place = 8
    while place + 12 <= png.count {
      let count = png[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = String(decoding: png[place + 4..<place + 8], as: UTF8.self)
      result.append((name, Array(png[place + 8..<place + 8 + count])))
      place += 12 + count
    }
    return result
  }

  private static func cpuTime(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Reads both frames; `watch` is told the thread's clock and its time before the costly one.
  private func read(
    _ file: String, _ cancellation: Cancellation, _ watch: (clockid_t, Double) -> Void
  ) throws {
    let animation = try #require(
      try ImagingService().animation(
        file, limits: DecodingGuard(), cancellation: Cancellation()))
    let frames = try animation.frames(cancellation)
    let samples = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.side * Self.side * 4, alignment: 64)
    defer { samples.deallocate() }
    #expect(try frames.next(into: samples))
    var clock = clockid_t()
    pthread_getcpuclockid(pthread_self(), &clock)
    watch(clock, Self.cpuTime(clock))
    #expect(try frames.next(into: samples))
  }

  @Test func aStopReachesTheFrameThatIsDecoded() throws {
    let file = try file()
    let cancellation = Cancellation()
    #expect(throws: CancellationError.self) {
      try read(file, cancellation) { clock, begin in
        let isReady = DispatchSemaphore(value: 0)
        // Only once the frame was begun, by the work that was done: the machine may be busy.
        Thread.detachNewThread {
          isReady.signal()
          while Self.cpuTime(clock) - begin < 0.000_1 { usleep(100) }
          cancellation.cancel()
        }
        isReady.wait()
      }
    }
    #expect(cancellation.isCancelled)
  }
}
