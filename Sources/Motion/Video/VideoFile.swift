import AV
import Core
import Files
import Glibc
import Processing

/// A video that is written, and gets its name only when it is whole.
final class VideoFile {
  let output: OutputFile
  private let path: String
  private let partial: String
  /// Rights as mp4 and mov carry them; nil where there are none.
  private let packet: [UInt8]?
  private var isWhole = false

  /// A video that will be at `path`; `base` is the name that the request gave, where `path` has an
  /// extension added to it.
  init(
    _ path: String, base: String? = nil, _ container: VideoContainer, rights: Rights?,
    cancellation: Cancellation
  ) throws {
    self.path = path
    let holdsBoxes = container.format == .mp4 || container.format == .mov
    packet = holdsBoxes ? rights.flatMap { XMPPacket.bytes($0) } : nil
    partial = PartialFile.path(for: base ?? path, process: getpid())
    // libav takes the mode of a file that is there, and would let everybody read a new one.
    let empty = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, PrivateFiles.file)
    guard empty >= 0 else { throw PartialFile.failure(errno, path) }
    close(empty)
    do {
      output = try OutputFile(partial, container.container, cancellation: cancellation)
    } catch {
      throw Self.translated(error, path)
    }
    if let copyright = rights?.copyright { output.tag("copyright", copyright) }
    if let creator = rights?.creator { output.tag("artist", creator) }
    if let type = rights?.digitalSourceType, !holdsBoxes {
      output.tag("DIGITAL_SOURCE_TYPE", type)
    }
    if let terms = rights?.usageTerms, !holdsBoxes { output.tag("TERMS_OF_USE", terms) }
    if let license = rights?.license, !holdsBoxes { output.tag("LICENSE", license) }
  }

  deinit {
    if !isWhole { unlink(partial) }
  }

  /// Ends the video, syncs it and puts it in its place.
  func finish() throws {
    try writing { try output.finish() }
    let descriptor = open(partial, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw PartialFile.failure(errno, path) }
    let box = packet.map(Self.box) ?? []
    guard Glibc.write(descriptor, box, box.count) == box.count else {
      let code = errno
      close(descriptor)
      throw PartialFile.failure(code, path)
    }
    let status = fsync(descriptor)
    let code = errno
    close(descriptor)
    guard status == 0 else { throw PartialFile.failure(code, path) }
    guard rename(partial, path) == 0 else { throw PartialFile.failure(errno, path) }
    isWhole = true
    try PartialFile.syncFolder(of: path)
  }

  /// A packet in the box that Adobe gave it.
  /// Source: XMP Specification Part 3, section 1.2.7.
  private static func box(_ packet: [UInt8]) -> [UInt8] {
    let name: [UInt8] = [
      0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF,
      0xAC,
    ]
    let length = UInt32(8 + name.count + packet.count)
    let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
    return head + Array("uuid".utf8) + name + packet
  }

  /// Runs work that writes this video.
  func writing<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as AVError {
      throw Self.translated(error, path)
    }
  }

  private static func translated(_ error: AVError, _ path: String) -> any Error {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let words = Reason.text(error.detail, or: "the encoder does not say why")
    return switch error.kind {
    case .interrupted: CancellationError()
    case .write(let code): PartialFile.failure(code, path)
    case .missing:
      SwaplineError(
        .unsupported, "The installed libav cannot write \(name): \(words).",
        hint: "Install Debian's own libavcodec; `swapline doctor` lists what can be written.")
    case .memory:
      SwaplineError(
        .limit, "Writing \(name) needs more memory than media work may use.",
        hint: "Ask for a smaller one.")
    default:
      SwaplineError(
        .unsupported, "\(name) cannot be written: \(words).",
        hint: "Ask for mp4, which holds what Swapline encodes.")
    }
  }
}
