import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Vips

/// libvips has one error text for all threads of a process.
@Suite struct ErrorTextTests {
  private static let whole: Result<[UInt8], any Error> = Result {
    var state: UInt32 = 7
    let samples = (0..<120 * 90 * 3).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    return try Image.fromSamples(samples, width: 120, height: 90, bands: 3)
      .encoded(suffix: ".png", options: "compression=1").withBytes { Array($0) }
  }

  /// PNGs that are damaged in different ways, which one loader tells in different words.
  private static func damaged() throws -> [[UInt8]] {
    let whole = try whole.get()
    var sum = whole
    sum[whole.count - 20] ^= 0xFF
    var header = whole
    header[24] = 7
    var stream = whole
    stream[45] ^= 0xFF
    return [sum, header, stream, Array(whole.prefix(whole.count / 2))]
  }

  private static func words(_ bytes: [UInt8]) -> String {
    do {
      _ = try Image.decode(png: bytes)
      return "nothing"
    } catch {
      return error.detail
    }
  }

  @Test func threadsDoNotTakeEachOthersWords() throws {
    let files = try Self.damaged()
    let alone = files.map(Self.words)
    #expect(Set(alone).count >= 3, "\(alone)")
    let wrong = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 400) { number in
      let kind = number % files.count
      let found = Self.words(files[kind])
      if found != alone[kind] { wrong.withLock { $0.append("\(kind): \(found)") } }
    }
    #expect(wrong.withLock { $0 }.isEmpty)
  }
}
