import Core
import Testing

@Suite struct MediaFormatTests {
  @Test(
    arguments: [
      ([0xFF, 0xD8, 0xFF, 0xE0], "jpg"),
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "png"),
      (Array("RIFF....WEBPVP8 ".utf8), "webp"),
      (Array("GIF89a".utf8), "gif"),
      ([0x49, 0x49, 0x2A, 0x00], "tiff"),
      ([0, 0, 0, 24] + Array("ftypavif....mif1".utf8), "avif"),
      ([0, 0, 0, 24] + Array("ftypheic....mif1".utf8), "heic"),
      ([0, 0, 0, 24] + Array("ftypisom....avc1".utf8), "mp4"),
      ([0, 0, 0, 24] + Array("ftypqt  ....qt  ".utf8), "mov"),
      ([0, 0, 0, 24] + Array("ftyp3gp5....3gp5".utf8), "mp4"),
      ([0, 0, 0, 24] + Array("ftyp3g2a....3g2a".utf8), "mp4"),
      ([0, 0, 0, 24] + Array("ftypM4VH....M4VH".utf8), "mp4"),
      ([0, 0, 0, 28] + Array("ftypXXXX....YYYYisom".utf8), "mp4"),
      ([0, 0, 0, 0] + Array("ftypheis....mif1".utf8), "heic"),
      ([0, 0, 0, 8] + Array("free....mdat".utf8), "mov"),
      ([0, 1, 2, 3] + Array("mdat".utf8), "mov"),
      ([0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x84] + Array("webm".utf8), "webm"),
    ] as [([UInt8], String)])
  func knowsByContent(head: [UInt8], name: String) {
    #expect(MediaFormat.sniff(head)?.name == name)
  }

  @Test(arguments: [
    [], [0xFF], Array("<html>".utf8), Array("get free stuff".utf8), Array("the free software".utf8),
    Array("BMxxxxxxxxxxxxxxxxxxxxxxxx".utf8),
  ])
  func knowsNothingElse(head: [UInt8]) {
    #expect(MediaFormat.sniff(head) == nil)
  }

  @Test(
    arguments: [
      ("a.mp4", .video), ("https://example.org/b.MOV", .video), ("s3://shop/*.jpg", .image),
      ("c.gif", .image), ("folder.d/name", nil), ("e.txt", nil), ("-", nil), ("", nil),
    ] as [(String, MediaKind?)])
  func theNameTellsTheLikelyKind(name: String, kind: MediaKind?) {
    #expect(MediaKind(named: name) == kind)
  }

  @Test func namesAndAliasesAreUnique() {
    let names = MediaFormat.all.flatMap { [$0.name] + $0.aliases }
    #expect(Set(names).count == names.count)
    for name in names { #expect(MediaFormat.named(name.uppercased()) != nil) }
  }
}
