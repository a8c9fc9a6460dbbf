import Core
import Files
import Ledgers
import Synchronization
import Testing

@testable import Hosting

/// What becomes of a host's files between a run's beginning and its end.
@Suite struct PlacedFilesTests {
  private static let route = HostRoute("s3", ["bucket": "b"])
  let sample = Sample()

  private func files(
    _ record: HostingRecord, _ final: HostingRecord.State = .placed, now: Int64 = 1_000
  ) async throws -> PlacedFiles {
    let share = HostingShare(of: "photos", Self.route, in: record, try await record.entries())
    return PlacedFiles("photos", share, final, now: { now })
  }

  private func file(of item: String? = nil) -> HostedFile {
    var file = sample.file()
    file.item = item
    return file
  }

  @Test func aFileIsWrittenDownBeforeItIsPut() async throws {
    let record = try HostingRecord(.memory)
    let files = try await files(record)
    let place = try await files.place(of: file(), named: "k.png") { placing in
      let entries = try await record.entries()
      #expect(entries.map(\.key) == ["k.png"] && entries.map(\.state) == [.intended])
      #expect(placing.key == "k.png")
      return PlacedFiles.Placed()
    }
    let entry = try #require(try await record.entries().first)
    #expect(entry.state == .placed && entry.host == "photos" && entry.route == Self.route)
    #expect(entry.digest == sample.file().digest && entry.size == sample.file().size)
    try await files.note([place], kept: [:])
    #expect(try await record.entries().isEmpty)
    let tally = record.tally
    #expect(tally.put == 1 && tally.bytes == sample.file().size && tally.removed == 1)
  }

  @Test(arguments: [
    (SwaplineError(.refusedByProvider, "No."), 0), (SwaplineError(.network, "Cut off."), 1),
    (SwaplineError(.timeout, "Late."), 1),
  ])
  func whatMayBeThereIsRemovedAndWhatWasRefusedIsNot(error: SwaplineError, left: Int) async throws {
    let record = try HostingRecord(.memory)
    let files = try await files(record)
    await #expect(throws: error) {
      try await files.place(of: file(), named: "k.png") { _ in throw error }
    }
    #expect(try await record.entries().count == left)
    #expect(files.takeAll().places.map(\.key) == (left == 0 ? [] : ["k.png"]))
  }

  @Test func aFileGoesWhenTheLastItemThatNeedsItHasEnded() async throws {
    let time = Mutex<Int64>(1_000)
    let files = PlacedFiles("photos", nil, now: { time.withLock { $0 } })
    let puts = Mutex(0)
    func use(_ item: String) async throws -> String {
      try await files.place(
        of: file(of: item), named: "\(puts.withLock { $0 }).png",
        put: { _ in
          puts.withLock { $0 += 1 }
          return PlacedFiles.Placed()
        }
      ).key
    }
    #expect(try await use("one") == "0.png")
    #expect(try await use("two") == "0.png")
    files.release("one")
    time.withLock { $0 = 5_000 }
    #expect(files.takeIdle(for: 60).isEmpty, "the other needs it")
    files.release("two")
    time.withLock { $0 = 5_059 }
    #expect(files.takeIdle(for: 60).isEmpty, "the next may need the same")
    #expect(try await use("three") == "0.png")
    files.release("three")
    time.withLock { $0 = 5_200 }
    #expect(files.takeIdle(for: 60).map(\.key) == ["0.png"])
    #expect(try await use("four") == "1.png", "it is put anew")
    #expect(puts.withLock { $0 } == 2 && files.count == 1)
  }

  @Test func whatAnEarlierRunHasPutIsUsedAgainAndRemovedInTheEnd() async throws {
    let record = try HostingRecord(.memory)
    _ = try await files(record).place(of: file(), named: "old.png") { _ in PlacedFiles.Placed() }
    // Killed while it put this one.
    _ = try await record.intend(
      "unknown.png", at: "photos", Self.route, digest: Digest(of: "x"), format: "png", size: 3)
    _ = try await record.intend(
      "other.png", at: "elsewhere", Self.route, digest: Digest(of: "y"), format: "png", size: 3)
    let next = try await files(record)
    let place = try await next.place(of: file(), named: "new.png") { _ in
      Issue.record("it is there")
      return PlacedFiles.Placed()
    }
    #expect(place.key == "old.png" && place.isEarlier)
    #expect(Set(next.takeAll().places.map(\.key)) == ["old.png", "unknown.png"])
  }

  @Test func whatIsToStayStaysAndIsKnown() async throws {
    let record = try HostingRecord(.memory)
    let files = try await files(record, .kept)
    _ = try await files.place(of: file(), named: "k.png") { _ in PlacedFiles.Placed() }
    #expect(files.takeIdle(for: 0).isEmpty && files.takeAll().places.isEmpty)
    #expect(try await record.entries().map(\.state) == [.kept])
  }

  @Test func whatCannotBeRemovedIsTriedAgainAndSaysWhy() async throws {
    let record = try HostingRecord(.memory)
    let files = try await files(record)
    let place = try await files.place(of: file(), named: "k.png") { _ in PlacedFiles.Placed() }
    let why = SwaplineError(.unavailable, "Away: https://h.test/k.png?signature=secret")
    try await files.note(files.takeIdle(for: 0), kept: [place.key: why])
    #expect(try await record.entries().map(\.message) == ["Away: https://h.test/k.png?…"])
    #expect(files.takeAll().places.map(\.key) == ["k.png"])
  }
}
