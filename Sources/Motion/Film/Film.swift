import AV
import Core
import Processing

/// An opened film whose facts were read and found to be within the guards; nothing is decoded.
final class Film {
  let file: MovingFile
  let format: MediaFormat
  let input: InputFile
  let video: StreamFacts
  let audio: StreamFacts?
  /// Every sound track, in the file's order.
  let sounds: [StreamFacts]

  /// Opens the film at `path`. Throws `SwaplineError`, or `CancellationError`.
  init(_ path: String, limits: DecodingGuard, halt: Halt) throws {
    let file = try MovingFile(path)
    guard let format = file.format, format.kinds.contains(.video) else {
      throw SwaplineError(
        .unsupported, "\(file.name) is no film that Swapline reads.",
        hint: "Use an mp4, mov, webm or mkv.")
    }
    guard file.size <= limits.maximumSize.bytes else {
      throw SwaplineError(
        .limit,
        "\(file.name) has \(ByteSize(bytes: file.size)), more than the \(limits.maximumSize) "
          + "allowed.", hint: "Use a smaller file, or raise the limit.")
    }
    let input = try file.reading { try InputFile(path, halt: halt) }
    guard let video = input.video, video.width > 0, video.height > 0 else {
      throw SwaplineError(
        .unsupported, "\(file.name) (\(format)) holds no pictures.",
        hint: "Use a film, not a sound.")
    }
    let (pixels, overflows) = video.width.multipliedReportingOverflow(by: video.height)
    guard !overflows, pixels <= limits.maximumPixels else {
      throw SwaplineError(
        .limit,
        "\(file.name) has \(video.width)x\(video.height) pixels, more than the "
          + "\(limits.maximumPixels) allowed.",
        hint: "Use a smaller film, or raise the limit if you trust the file.")
    }
    self.file = file
    self.format = format
    self.input = input
    self.video = video
    sounds = input.streams.filter { $0.kind == .audio }
    audio = input.audio
  }

  /// The facts. Reads every packet where the container does not count its frames.
  func media(_ cancellation: Cancellation) throws -> Media {
    let length = video.duration ?? input.duration ?? 0
    let frames = try shownFrames(within: length)
    let duration = Double(length) / 1_000_000
    return Media(
      kind: .video, format: format, width: video.width, height: video.height, size: file.size,
      digest: try file.digest(cancellation), frames: frames,
      duration: duration, hasAudio: audio != nil, hasAlpha: video.hasAlpha,
      colorModel: video.isYUV ? .yuv : .rgb, bitDepth: video.bitDepth,
      orientation: orientation,
      frameRate: duration > 0 ? Double(frames) / duration : video.frameRate,
      videoCodec: video.codec, audioCodec: audio?.codec, isHDR: video.isHDR,
      rights: rights)
  }

  /// What the file says of whose it is and how it came to be; nil where it says nothing.
  var rights: Rights? {
    let rights = Rights(
      copyright: input.tag("copyright"), creator: input.tag("artist"),
      digitalSourceType: input.tag("DIGITAL_SOURCE_TYPE"))
    return rights.isEmpty ? nil : rights
  }

  /// The rotation in EXIF's words.
  var orientation: Int {
    switch video.rotation {
    case 90: 6
    case 180: 3
    case 270: 8
    default: 1
    }
  }

  /// The container's count where it agrees with the length: an edit list shows less than is there.
  private func shownFrames(within length: Int64) throws -> Int {
    if let frames = video.frames, let rate = video.frameRate,
      abs(Double(length) / 1_000_000 * rate - Double(frames)) < 1.5
    {
      return frames
    }
    return try file.reading { try counted() }
  }

  private func counted() throws(AVError) -> Int {
    input.keepOnly([video.index])
    let packet = try Packet()
    var count = 0
    while try input.read(into: packet) {
      if packet.stream == video.index, !packet.isHidden { count += 1 }
    }
    return count
  }
}

extension MovingFile {
  /// Runs work that reads this file; errors of libav then mean that the file is damaged, because
  /// its format was checked before.
  func reading<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as AVError {
      throw translated(error)
    }
  }

  private func translated(_ error: AVError) -> any Error {
    let kind = format.map { " (\($0))" } ?? ""
    return switch error.kind {
    case .interrupted: CancellationError()
    case .open:
      SwaplineError(
        .damaged, "The header of \(name)\(kind) cannot be read: \(error.detail).",
        hint: "The file is cut off or damaged: download or export it again.")
    case .damaged:
      SwaplineError(
        .damaged, "\(name)\(kind) cannot be read to its end: \(error.detail).",
        hint: "The file is cut off or damaged: download or export it again.")
    case .missing:
      SwaplineError(
        .unsupported, "The installed libav cannot read \(name)\(kind): \(error.detail).",
        hint: "Convert it to an mp4 with H.264 first; `swapline doctor` lists what can be read.")
    case .memory:
      SwaplineError(
        .limit, "\(name) needs more memory than media work may use.",
        hint: "Use a smaller film, or allow more memory for media work.")
    case .write(let code): PartialFile.failure(code, path)
    case .encode:
      SwaplineError(
        .internal, "libav failed at work that should not fail: \(error).",
        hint: "Report this with the file that shows it.")
    }
  }
}

/// Runs work on libav with its interruption tied to `cancellation`.
func haltable<Result>(
  _ cancellation: Cancellation, _ body: (Halt) throws -> Result
) throws -> Result {
  let halt = Halt()
  return try cancellation.withHandler({ halt.stop() }) { try body(halt) }
}
