import AV
import Containers
import Core
import Foundation
import Imaging
import InProcess
import Processing
import TestSupport
import Testing

/// What files carry beside their pixels does not leave.
@Suite struct PrivateDataTests {
  static let media = InProcessMedia(width: 2)

  /// Files full of private data, with what of their rights is found by exiftool afterwards.
  static let stills = [
    "camera.jpg", "phone.png", "phone.webp", "phone.heic", "phone.avif", "scan.tif",
  ]
  static let animations = ["animated.gif", "animated.png", "animated.webp"]
  static let videos = ["phone.mp4", "phone.mov", "fragments.mp4", "phone.mkv", "phone.webm"]
  static let all = stills + animations + videos

  private static func stripped(
    _ file: String, in folder: TemporaryFolder, _ policy: MetadataPolicy = .strip,
    isPreview: Bool = false
  ) async throws -> NormalizeAnswer {
    try await media.normalize(
      NormalizeRequest(
        file: file, output: folder.file("out"), limits: MediaLimits(), isPreview: isPreview,
        metadata: policy))
  }

  private static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  @Test(arguments: all)
  func noPrivateWordIsLeft(file: String) async throws {
    let folder = try TemporaryFolder()
    let original = fixture("private/\(file)")
    let answer = try await Self.stripped(original, in: folder)
    let output = try #require(answer.file)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: output))
    for encoding in [String.Encoding.utf8, .utf16LittleEndian, .utf16BigEndian] {
      let word = try #require("PRIVATE".data(using: encoding))
      #expect(bytes.range(of: word) == nil)
      #expect(try Data(contentsOf: URL(fileURLWithPath: original)).count > 0)
    }
    let said = try #require(answer.changes.first { $0.kind == .metadata })
    if file != "fragments.mp4" { #expect(said.from.contains("place")) }
    #expect(!answer.changes.contains { "\($0)".contains("PRIVATE") || "\($0)".contains("48.2") })
    #expect(folder.names == [output.split(separator: "/").last.map(String.init)])
  }

  @Test(.enabled(if: Exiftool.absence == nil, "\(Exiftool.absence ?? "")"), arguments: all)
  func exiftoolFindsNothingPrivate(file: String) async throws {
    let folder = try TemporaryFolder()
    let answer = try await Self.stripped(fixture("private/\(file)"), in: folder)
    let tags = try Exiftool.tags(try #require(answer.file))
    func isPrivate(_ tag: (name: String, value: String)) -> Bool {
      Exiftool.privateTags.contains(tag.name)
        // A video must say when it was made: zeros say nothing. Names of handlers are every video's.
        && tag.value != "0000:00:00 00:00:00" && tag.value != ""
        && !["VideoHandler", "SoundHandler", "DataHandler"].contains(tag.value)
    }
    let found = tags.filter(isPrivate)
    #expect(found.isEmpty, "\(found)")
    #expect(try Exiftool.tags(fixture("private/\(file)")).contains(where: isPrivate))
    #expect(tags.contains { $0.name == "FileType" })
    guard file != "fragments.mp4" else { return }
    #expect(tags.contains { $0.value.contains("KEPT Copyright") })
    #expect(tags.contains { $0.value.contains("KEPT Artist") })
    guard Self.stills.contains(file) else { return }
    #expect(tags.contains { $0.value.contains("KEPT terms") })
    #expect(tags.contains { $0.name == "DigitalSourceType" })
    if !["phone.heic", "phone.avif"].contains(file) {
      #expect(tags.contains { $0.name == "Orientation" && $0.value.contains("90") })
      #expect(tags.contains { $0.name == "ProfileDescription" })
    }
  }

  @Test(arguments: all)
  func whatIsSeenAndHeardIsTheSame(file: String) async throws {
    let folder = try TemporaryFolder()
    let original = fixture("private/\(file)")
    let before = try await Self.media.probe(ProbeRequest(file: original, decodesFully: true))
    let answer = try await Self.stripped(original, in: folder)
    let output = try #require(answer.file)
    var after = try await Self.media.probe(ProbeRequest(file: output, decodesFully: true))
    #expect(after == answer.media)
    (after.size, after.digest, after.remarks) = (before.size, before.digest, before.remarks)
    #expect(after == before)
    if Self.videos.contains(file) {
      #expect(try Self.packets(original) == Self.packets(output))
      return
    }
    if Self.animations.contains(file) {
      #expect(try await Self.frames(original, folder, "a") == Self.frames(output, folder, "b"))
      return
    }
    let imaging = ImagingService()
    let pixels = try [original, output].map {
      try imaging.pixels(
        of: $0, limits: DecodingGuard(), colors: .asStored, cancellation: Cancellation())
    }
    #expect(pixels[0].rgb == pixels[1].rgb)
  }

  /// Whose it is reaches what reads it next.
  @Test(arguments: all)
  func rightsAreReadBack(file: String) async throws {
    guard file != "fragments.mp4" else { return }
    let folder = try TemporaryFolder()
    let answer = try await Self.stripped(fixture("private/\(file)"), in: folder)
    let media = try await Self.media.probe(ProbeRequest(file: try #require(answer.file)))
    #expect(media.rights?.copyright == "KEPT Copyright")
    #expect(media.rights?.creator == "KEPT Artist")
  }

  /// A thumbnail's bytes are no reason to encode the picture anew.
  @Test(arguments: ["camera.jpg", "phone.png", "phone.webp", "animated.gif", "animated.png"])
  func aFileThatFitsOnceItIsCutIsOnlyCut(file: String) async throws {
    let folder = try TemporaryFolder()
    let cut = try await Self.stripped(fixture("private/\(file)"), in: folder)
    let wanted = try Self.bytes(try #require(cut.file))
    func within(_ bytes: Int, isPreview: Bool) async throws -> NormalizeAnswer {
      try await Self.media.normalize(
        NormalizeRequest(
          file: fixture("private/\(file)"), output: folder.file("small"),
          limits: MediaLimits(maximumSize: ByteSize(bytes: Int64(bytes))), isPreview: isPreview))
    }
    let foreseen = try await within(wanted.count, isPreview: true)
    let answer = try await within(wanted.count, isPreview: false)
    #expect(try Self.bytes(try #require(answer.file)) == wanted)
    #expect(answer.changes == cut.changes && foreseen.changes == cut.changes)
    let smaller = try await within(wanted.count - 1, isPreview: true)
    #expect(smaller.changes.contains { $0.reason.contains("maximum_size") })
  }

  /// What goes on with its metadata must be readable where it goes.
  @Test(arguments: [false, true])
  func whatIsKeptIsStillPutRight(isPreview: Bool) async throws {
    let folder = try TemporaryFolder()
    let whole = try Self.bytes(fixture("formats/orientation-6.jpg"))
    let file = folder.file("no-end.jpg")
    try Data(whole.dropLast(2)).write(to: URL(fileURLWithPath: file))
    let answer = try await Self.stripped(file, in: folder, .keep, isPreview: isPreview)
    #expect(answer.changes.map(\.to) == ["an end marker was added"])
    if !isPreview { #expect(try Self.bytes(try #require(answer.file)) == whole) }
  }

  @Test(arguments: all)
  func aCleanFilePassesByteForByte(file: String) async throws {
    let folder = try TemporaryFolder()
    let first = try await Self.stripped(fixture("private/\(file)"), in: folder)
    let again = try TemporaryFolder()
    let second = try await Self.stripped(try #require(first.file), in: again)
    #expect(second.file == nil)
    #expect(second.changes == [])
  }

  @Test(arguments: [
    "faces/ada.jpg", "scenes/portrait.jpg", "scenes/tiny.png", "formats/alpha.png",
    "formats/alpha.webp", "formats/animated.gif", "formats/orientation-6.jpg", "formats/cmyk.jpg",
    "formats/display-p3.jpg", "moving/animated.png", "moving/animated.webp", "moving/disposals.gif",
    "moving/h264-aac.mp4", "moving/fast-start.mp4", "moving/silent.mov", "moving/hevc.mp4",
    "moving/turned.mp4", "moving/edit-list.mp4",
  ])
  func whatCarriesNothingPassesAsItIs(file: String) async throws {
    let folder = try TemporaryFolder()
    let answer = try await Self.stripped(fixture(file), in: folder)
    #expect(answer.file == nil)
    #expect(answer.changes == [])
    #expect(folder.names.isEmpty)
  }

  @Test(arguments: ["camera.jpg", "phone.mp4"])
  func metadataCanBeKept(file: String) async throws {
    let folder = try TemporaryFolder()
    let answer = try await Self.stripped(fixture("private/\(file)"), in: folder, .keep)
    #expect(answer.file == nil)
    let said = try #require(answer.changes.first)
    #expect(said.kind == .metadata && said.to == "left in the file" && said.from.contains("place"))
    #expect(folder.names.isEmpty)
  }

  @Test(arguments: all)
  func thePlanSaysTheSame(file: String) async throws {
    let folder = try TemporaryFolder()
    let foreseen = try await Self.stripped(fixture("private/\(file)"), in: folder, isPreview: true)
    #expect(folder.names.isEmpty)
    let done = try await Self.stripped(fixture("private/\(file)"), in: folder)
    #expect(foreseen.changes == done.changes)
  }

  @Test func whatIsEncodedAnewSaysWhatWentToo() async throws {
    let folder = try TemporaryFolder()
    let small = MediaLimits(maximumSide: 64)
    // The last one is copied into a file whose index comes first.
    let all = [
      ("camera.jpg", small), ("animated.webp", small), ("phone.mp4", small),
      ("phone.mov", MediaLimits(requiresFastStart: true)),
    ]
    for (file, limits) in all {
      let answer = try await Self.media.normalize(
        NormalizeRequest(
          file: fixture("private/\(file)"), output: folder.file("small"), limits: limits))
      let said = try #require(answer.changes.first { $0.kind == .metadata })
      #expect(said.from.contains("place"))
      let bytes = try Data(contentsOf: URL(fileURLWithPath: try #require(answer.file)))
      #expect(bytes.range(of: Data("PRIVATE".utf8)) == nil)
      #expect(answer.media.rights?.copyright == "KEPT Copyright")
    }
  }

  /// What a decoder passes over and this does not understand is never sent along.
  @Test func aStructureThatCannotBeFollowedIsEncodedAnew() async throws {
    let folder = try TemporaryFolder()
    // A marker without a length that old arithmetic coders used: libjpeg passes over it.
    var bytes = try Self.bytes(fixture("private/camera.jpg"))
    bytes.insert(contentsOf: [0xFF, 0x01], at: 2)
    let file = folder.file("odd.jpg")
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    let answer = try await Self.media.normalize(
      NormalizeRequest(file: file, output: folder.file("out"), limits: MediaLimits()))
    let output = try Data(contentsOf: URL(fileURLWithPath: try #require(answer.file)))
    #expect(output.range(of: Data("PRIVATE".utf8)) == nil)
    #expect(answer.changes.contains { $0.to.hasPrefix("re-encoded") })
    #expect(answer.media.format == .jpg)
    #expect(answer.media.rights?.copyright == "KEPT Copyright")
  }

  @Test func aMarkerIsAddedOnlyWhereEveryRowIsThere() async throws {
    let folder = try TemporaryFolder()
    let whole = try Self.bytes(fixture("formats/orientation-1.jpg"))
    func normalized(_ bytes: [UInt8], _ name: String) async throws -> NormalizeAnswer {
      try Data(bytes).write(to: URL(fileURLWithPath: folder.file(name)))
      return try await Self.stripped(folder.file(name), in: folder)
    }
    let mended = try await normalized(Array(whole.dropLast(2)), "no-end.jpg")
    #expect(try Self.bytes(try #require(mended.file)) == whole)
    #expect(mended.changes.map(\.to) == ["an end marker was added"])
    await #expect(throws: SwaplineError.self) {
      _ = try await normalized(Array(whole.prefix(whole.count * 3 / 5)), "half.jpg")
    }
  }

  @Test(arguments: [false, true])
  func aVideoThatIsCutOffIsToldAsThat(isPreview: Bool) async throws {
    let folder = try TemporaryFolder()
    let whole = try Self.bytes(fixture("private/phone.mp4"))
    let file = folder.file("cut.mp4")
    try Data(whole.dropLast(6_000)).write(to: URL(fileURLWithPath: file))
    let error = await #expect(throws: SwaplineError.self) {
      _ = try await Self.stripped(file, in: folder, isPreview: isPreview)
    }
    #expect(error?.message.contains("cut off") == true)
    #expect(folder.names == ["cut.mp4"])
  }

  private static func packets(_ path: String) throws -> [[UInt8]] {
    let input = try InputFile(path, cancellation: Cancellation())
    let wanted = Set(input.streams.filter { $0.kind == .video || $0.kind == .audio }.map(\.index))
    let packet = try Packet()
    var all: [[UInt8]] = []
    while try input.read(into: packet) {
      if wanted.contains(packet.stream) { all.append(packet.bytes) }
    }
    return all
  }

  private static func frames(
    _ path: String, _ folder: TemporaryFolder, _ name: String
  ) async throws -> [Digest] {
    let split = try await media.split(
      ExtractFramesRequest(file: path, output: folder.file(name)))
    return try split.frames.map { try FileDigest.of($0.file, Cancellation()) }
  }
}
