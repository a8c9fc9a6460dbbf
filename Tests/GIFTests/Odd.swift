import Foundation

@testable import GIF

/// The files that `Scripts/make-odd-animations` writes, and letters for their colours.
enum Odd {
  static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "fixtures/odd/" + name).path
  }

  /// Every frame of a file as rows of letters: WKRGBYPC are colours, a full stop is clear.
  static func frames(_ name: String) throws -> [[String]] {
    let facts = try GIFFacts(path(name))
    let frames = try GIFFrames(path(name), facts)
    var pixels = [UInt32](repeating: 0, count: facts.width * facts.height)
    var result: [[String]] = []
    while try pixels.withUnsafeMutableBytes({ try frames.next(into: $0) }) {
      result.append(
        (0..<facts.height).map { row in
          String(pixels[row * facts.width..<(row + 1) * facts.width].map(letter))
        })
    }
    return result
  }

  private static func letter(_ pixel: UInt32) -> Character {
    let letters: [UInt32: Character] = [
      0: ".", 0xFFFF_FFFF: "W", 0xFF00_0000: "K", 0xFF00_00FF: "R", 0xFF00_FF00: "G",
      0xFFFF_0000: "B", 0xFF00_FFFF: "Y", 0xFFFF_00FF: "P", 0xFFFF_FF00: "C",
      0xFF1E_140A: "1", 0xFF32_64C8: "2",
    ]
    return letters[pixel] ?? "?"
  }
}
