import Containers
import Core
import Foundation
import TestSupport

/// A file that is cut and a place for its copy, both removed with it.
final class Cut {
  let path: String
  let copy: String

  init(_ bytes: [UInt8]) throws {
    path = TestFolder.unique("containers")
    copy = path + "-copy"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  deinit {
    unlink(path)
    unlink(copy)
  }

  /// The copy without private data, and what went.
  func strip(
    _ format: MediaFormat, rights: Rights? = nil, policy: MetadataPolicy = .strip
  ) throws -> (bytes: [UInt8], strip: MetadataStrip) {
    let strip = try MetadataStrip(of: path, format: format, rights: rights, policy: policy)
    try strip.write(to: copy)
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: copy)))
    guard bytes.count == strip.size else { throw CocoaError(.fileReadCorruptFile) }
    return (bytes, strip)
  }
}

/// The bytes of a fixture.
func bytes(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: fixture(name))))
}

/// A number in bytes, the highest first.
func big(_ number: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * (count - 1 - $0))) }
}

/// A number in bytes, the lowest first.
func little(_ number: Int, _ count: Int) -> [UInt8] { big(number, count).reversed() }

extension [UInt8] {
  /// Whether the text stands somewhere.
  func holds(_ text: String) -> Bool { Data(self).range(of: Data(text.utf8)) != nil }
}

/// The formats of the fixtures that are full of private data.
let privateFiles: [(name: String, format: MediaFormat)] = [
  ("camera.jpg", .jpg), ("phone.png", .png), ("phone.webp", .webp), ("phone.heic", .heic),
  ("phone.avif", .avif), ("scan.tif", .tiff), ("animated.gif", .gif), ("animated.png", .png),
  ("animated.webp", .webp), ("phone.mp4", .mp4), ("phone.mov", .mov), ("fragments.mp4", .mp4),
  ("phone.mkv", .mkv), ("phone.webm", .webm),
]
