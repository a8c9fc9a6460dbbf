import Foundation
import Testing

@testable import GIF

@Suite struct GIFFramesTests {
  /// What `fixtures/odd/frames.txt` says of GIFs: the rows of each frame.
  static let expected: [(name: String, frames: [[String]])] = {
    let text = (try? String(contentsOfFile: Odd.path("frames.txt"), encoding: .utf8)) ?? ""
    var files: [(name: String, frames: [[String]])] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      guard let name = words.first, name.hasSuffix(".gif") else { continue }
      if files.last?.name != name { files.append((name, [])) }
      files[files.count - 1].frames.append(Array(words.dropFirst()))
    }
    return files
  }()

  @Test func theExpectedFramesAreThere() {
    #expect(Self.expected.count > 40)
  }

  @Test(arguments: expected.indices)
  func framesAreThoseOfBrowsers(_ index: Int) throws {
    let (name, frames) = Self.expected[index]
    #expect(try Odd.frames(name) == frames, "\(name)")
  }

  @Test func aFullTableOfCodesIsUsedOn() throws {
    // The same pixels, written with a table that is cleared and with one that is not.
    let pixels = try ["full-table.gif", "deferred-clear.gif"].map(Odd.frames)
    #expect(pixels[0] == pixels[1])
    // The generator of the fixture.
    var (state, seen) = (1, [Character]())
    for _ in 0..<200 * 200 {
      state = (state * 1_103_515_245 + 12_345) & 0x7FFF_FFFF
      seen.append(Array("WKRGBYPC")[state >> 16 & 7])
    }
    #expect(pixels[0] == [(0..<200).map { String(seen[$0 * 200..<$0 * 200 + 200]) }])
  }

  @Test(arguments: [
    ("bad-code.gif", "is damaged in frame 2: an undefined LZW code after 1 of 12 pixels"),
    ("bad-first-code.gif", "is damaged in frame 2: an undefined LZW code after 0 of 12 pixels"),
    ("too-few-pixels.gif", "is damaged in frame 2: its data ends after 5 of 12 pixels"),
  ])
  func damagedCodesAreFoundInTheirFrame(_ name: String, _ detail: String) throws {
    let facts = try GIFFacts(Odd.path(name))
    #expect(facts.delays.count == 3)
    let error = #expect(throws: GIFError.self) { _ = try Odd.frames(name) }
    #expect(error?.kind == .damaged)
    #expect(error?.detail.hasPrefix(detail) == true, "\(error?.detail ?? "")")
  }

  @Test func everyCutIsFound() throws {
    // Three frames; whatever is missing, the file is said to be cut off, or has all of them.
    let whole = try Data(contentsOf: URL(filePath: Odd.path("disposal-1.gif")))
    let file = FileManager.default.temporaryDirectory.appending(
      path: "swapline-gif-\(UInt64.random(in: 0 ... .max)).gif")
    defer { try? FileManager.default.removeItem(at: file) }
    for length in 6..<whole.count {
      try whole.prefix(length).write(to: file)
      if length == whole.count - 1 {
        #expect(try GIFFacts(file.path).remarks == ["no end marker; every frame is there"])
        continue
      }
      // Between two frames nothing tells that there were more.
      if let facts = try? GIFFacts(file.path) {
        #expect(facts.remarks == ["no end marker; every frame is there"])
        #expect(whole[length] == 0x21)
        continue
      }
      #expect(throws: GIFError.self) { _ = try GIFFacts(file.path) }
    }
  }

  @Test func stoppingEndsReading() throws {
    let error = #expect(throws: GIFError.self) {
      _ = try GIFFacts(Odd.path("offset.gif")) { true }
    }
    #expect(error?.kind == .interrupted)
  }
}
