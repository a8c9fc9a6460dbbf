import Core
import Glibc
import TestSupport
import Testing

@testable import Files
@testable import Pipelines

@Suite struct FolderScanTests {
  static let jpg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16]
  static func brand(_ name: String) -> [UInt8] {
    [0, 0, 0, 24] + Array("ftyp\(name)....isom".utf8)
  }

  static let media: [(String, [UInt8])] = [
    ("a.jfif", jpg), ("b.jpe", jpg), ("c.pjpeg", jpg), ("d", jpg), ("e.txt", jpg),
    ("f.apng", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), ("g.hif", brand("heix")),
    ("h.3gp", brand("3gp5")), ("i.qt", [0, 0, 0, 8] + Array("wide".utf8)), ("j.JPG", jpg),
  ]

  @Test func whatIsTakenGoesByContentAndTheRestIsNamed() throws {
    let folder = try TemporaryFolder()
    for (name, bytes) in Self.media {
      try FileSystem.write(bytes, to: "\(folder.path)/\(name)")
    }
    try FileSystem.makeFolder("\(folder.path)/deep/er")
    try FileSystem.write(Self.jpg, to: "\(folder.path)/deep/er/k.jpeg")
    try FileSystem.makeFolder("\(folder.path)/out/.swapline")
    try FileSystem.write(Self.jpg, to: "\(folder.path)/out/result.jpg")
    try FileSystem.write(Self.jpg, to: "\(folder.path)/.hidden.jpg")
    _ = try folder.write("no picture", to: "notes.jpg")
    _ = try folder.write("", to: "nothing.png")
    symlink("\(folder.path)/a.jfif", "\(folder.path)/l.jpg")
    symlink("..", "\(folder.path)/deep/loop")
    symlink("/nowhere", "\(folder.path)/broken.jpg")
    mkfifo("\(folder.path)/pipe.jpg", 0o600)

    let scan = FolderScan(folder.path)
    let names = scan.files.map { $0.dropFirst(folder.path.count + 1) }
    #expect(
      names == [
        "a.jfif", "b.jpe", "c.pjpeg", "d", "deep/er/k.jpeg", "e.txt", "f.apng", "g.hif",
        "h.3gp", "i.qt", "j.JPG", "l.jpg",
      ])
    #expect(scan.leftOut == 6)
    let told = try #require(scan.told)
    #expect(told.contains("6 entries are not a picture, GIF or video and were left out"))
    #expect(told.contains("and 1 more"))
    let product = try ItemProduct(scenes: [folder.path], faces: [])
    #expect(product.count == 12)
    #expect(product.notes.count == 1)
  }

  @Test func aFolderWithoutMediaSaysWhatIsThere() async throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("<html>", to: "page.jpg")
    let error = try await error { _ = try ItemProduct(scenes: [folder.path], faces: []) }
    #expect(error.message.contains("holds no scene"))
    #expect(error.message.contains("page.jpg"))
    #expect(error.hint?.contains("by their content") == true)
  }
}
