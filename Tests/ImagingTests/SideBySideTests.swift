import Core
import Foundation
import Processing
import Synchronization
import TestSupport
import Testing

@testable import Imaging

/// Files of one picture are made on several threads.
@Suite struct SideBySideTests {
  private struct Fault: Error, Equatable {
    let number: Int
  }

  @Test(arguments: [0, 1, 2, 50], [true, false])
  func whatIsMadeStandsInOrder(count: Int, isFree: Bool) throws {
    let notes = Mutex([Int]())
    let made = try SideBySide.map(
      Array(0..<count), isFree: isFree, note: { n in notes.withLock { $0.append(n) } }
    ) { number in
      usleep(UInt32((number * 7919) % 1_000))
      return number * 2
    }
    #expect(made == (0..<count).map { $0 * 2 })
    #expect(notes.withLock { $0.sorted() } == (0..<count).map { $0 + 1 })
  }

  @Test func theFirstErrorIsToldAndNothingGoesOn() {
    let running = Mutex(0)
    for _ in 0..<20 {
      let error = #expect(throws: Fault.self) {
        try SideBySide.map(Array(0..<12)) { number in
          running.withLock { $0 += 1 }
          defer { running.withLock { $0 -= 1 } }
          usleep(200)
          if number == 0 || number > 5 { throw Fault(number: number) }
          return number
        }
      }
      #expect(error == Fault(number: 0))
      #expect(running.withLock { $0 } == 0)
    }
  }

  /// Each file alone is what it is among others, with opacity and several of one size among them.
  @Test(arguments: ["scenes/portrait.jpg", "formats/alpha.png", "formats/sixteen-bit.png"])
  func filesAreWhatTheyAreAlone(source: String) throws {
    let folder = try TemporaryFolder()
    func orders(_ name: String) -> [RenditionRequest] {
      [(MediaFormat.webp, 200), (.jpg, 200), (.png, 200), (.webp, 90), (.png, 90), (.jpg, 31)]
        .map { (format: MediaFormat, side: Int) in
          RenditionRequest(
            output: folder.file("\(name)-\(side).\(format.name)"), format: format, width: side,
            height: side)
        }
    }
    func digests(_ renditions: [RenditionRequest]) throws -> [Digest] {
      try ImagingService().render(
        RenderRequest(file: fixture(source), renditions: renditions), cancellation: Cancellation()
      ).map(\.media.digest)
    }
    let first = try digests(orders("first"))
    for round in 0..<10 { #expect(try digests(orders("round-\(round)")) == first) }
    for (order, digest) in zip(orders("alone"), first) where order.width == .some(200) {
      #expect(try digests([order]) == [digest])
    }
  }
}
