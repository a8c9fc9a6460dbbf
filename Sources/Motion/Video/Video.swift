import AV
import Core
import Files
import Imaging
import Processing

/// An opened video whose facts were read and found to be within the guards; nothing is decoded.
final class Video {
  let file: SniffedFile
  let format: MediaFormat
  let input: InputFile
  /// The track of pictures that is shown.
  let track: StreamFacts
  let audio: StreamFacts?
  /// Every sound track, in the file's order.
  let sounds: [StreamFacts]
  /// The sides of the stored pictures in square pixels, before they are turned.
  let square: (width: Int, height: Int)
  let cancellation: Cancellation
  let limits: DecodingGuard
  private let version: FileVersion?
  /// Whether nothing was read of `input` yet behind what stands before the pictures.
  private var isUnread = true
  /// The facts, once they were measured.
  private var facts: Media?
  private var known: CutOff??
  /// The pictures that are shown and when the last one ends, once every packet was read.
  private var measured: (frames: Int, end: Int64)?

  /// Opens the video at `path`. Throws `SwaplineError`, or `CancellationError`.
  init(_ path: String, limits: DecodingGuard, cancellation: Cancellation) throws {
    let file = try SniffedFile(path)
    guard let format = file.format, format.kinds.contains(.video) else {
      throw SwaplineError(
        .unsupported, "\(file.name) is not a video that Swapline can read.",
        hint: "Use an mp4, mov, webm or mkv.")
    }
    guard file.size <= limits.maximumSize.bytes else {
      throw SwaplineError(
        .limit,
        "\(file.name) has \(ByteSize(bytes: file.size)), more than the \(limits.maximumSize) "
          + "allowed.", hint: "Use a smaller file.")
    }
    // Before the file is opened: a change after that is then noticed.
    let version = FileVersion(of: path)
    let atHand = version.flatMap { VideoAtHand.shared.take($0) }
    atHand?.input.cancellation = cancellation
    let input = try atHand?.input ?? Self.opened(file, cancellation)
    guard let video = input.video, video.width > 0, video.height > 0 else {
      throw SwaplineError(
        .unsupported, "\(file.name) (\(format)) holds no pictures.",
        hint: "Use a video, not a sound.")
    }
    let aspect = PixelAspect(video.pixelAspect.numerator, video.pixelAspect.denominator)
    square = (aspect?.squares(in: video.width) ?? video.width, video.height)
    let (pixels, overflows) = max(square.width, video.width)
      .multipliedReportingOverflow(by: video.height)
    guard !overflows, pixels <= limits.maximumPixels else {
      throw SwaplineError(
        .limit,
        "\(file.name) has \(video.width)x\(video.height) pixels, more than the "
          + "\(limits.maximumPixels) allowed.",
        hint: DecodingGuard.pixelsHint)
    }
    self.file = file
    self.version = version
    self.cancellation = cancellation
    self.limits = limits
    self.format = format
    self.input = input
    facts = atHand?.media
    track = video
    sounds = input.streams.filter { $0.kind == .audio }
    audio = input.audio
  }

  /// The file at its first packet: as it was opened, or opened anew where that was read already.
  func fromStart() throws(AVError) -> InputFile {
    guard isUnread else { return try InputFile(file.path, cancellation: cancellation) }
    isUnread = false
    return input
  }

  /// Leaves the file open for the next request about it. It can no longer be read here.
  func keepAtHand() {
    guard isUnread, let facts, let version else { return }
    isUnread = false
    VideoAtHand.shared.keep(input, facts, of: version)
  }

  /// The facts. Reads every packet where the container does not count its frames.
  func media(_ cancellation: Cancellation) throws -> Media {
    if let facts { return facts }
    let media = try measured(cancellation)
    facts = media
    return media
  }

  private func measured(_ cancellation: Cancellation) throws -> Media {
    let frames = try frames()
    let duration = Double(try length()) / 1_000_000
    // A sound that lasts longer makes no picture slower.
    let shown = Double(try pictureLength() - pictureOffset) / 1_000_000
    return Media(
      kind: .video, format: format, width: track.width, height: track.height, size: file.size,
      digest: try file.digest(cancellation), frames: frames,
      duration: duration, hasAudio: audio != nil, hasAlpha: track.hasAlpha,
      colorModel: track.isYUV ? .yuv : .rgb, bitDepth: track.bitDepth,
      orientation: track.orientation.number,
      frameRate: shown > 0 ? Double(frames) / shown : track.frameRate,
      videoCodec: track.codec, audioCodec: audio?.codec, isHDR: track.isHDR,
      rights: rights, remarks: try remarks(), pixelAspect: pixelAspect)
  }

  /// How long it lasts, in microseconds; measured where the container does not say so, as of videos that
  /// were written while they were recorded.
  func length() throws -> Int64 {
    let pictures = try pictureLength()
    // Audio usually ends slightly after the last picture; that does not make the video longer.
    let ends = sounds.compactMap { sound in sound.duration.map { sound.start - input.start + $0 } }
    let longest = ends.max() ?? (track.duration == nil ? ownLength ?? 0 : 0)
    return longest > pictures + 250_000 ? longest : pictures
  }

  /// How long the pictures last, from the start of the video on, in microseconds.
  func pictureLength() throws -> Int64 {
    if let duration = track.duration { return pictureOffset + duration }
    if measured == nil, let ownLength { return ownLength }
    let lead = track.start - input.start
    return try measuredPictures().end - (lead > 0 && pictureOffset == 0 ? lead : 0)
  }

  /// When the first picture is shown, in microseconds after the video's start. A packet of sound that a
  /// decoder needs ahead of the first one that is heard is no start.
  private var pictureOffset: Int64 {
    let offset = track.start - input.start
    return offset > 100_000 ? offset : 0
  }

  /// The container's word on the whole video. Matroska counts from its clock's zero, and a video may start
  /// later.
  private var ownLength: Int64? {
    guard let duration = input.duration else { return nil }
    guard [.mkv, .webm].contains(format), abs(input.start) > 50_000 else { return duration }
    return nil
  }

  /// The sides as seen: square pixels, upright.
  var shown: Size {
    let sides = track.orientation.sides(square.width, square.height)
    return Size(sides.width, sides.height)
  }

  /// What the file says of whose it is and how it came to be; nil where it says nothing.
  var rights: Rights? {
    let rights = Rights(
      copyright: input.tag("copyright"), creator: input.tag("artist"),
      digitalSourceType: input.tag("DIGITAL_SOURCE_TYPE"),
      usageTerms: input.tag("TERMS_OF_USE"), license: input.tag("LICENSE"))
    return rights.isEmpty ? nil : rights
  }

  /// How many frames are shown: the container's count where it agrees with the length, because an edit
  /// list shows less than is there; else every packet is read.
  func frames() throws -> Int {
    if let frames = track.frames, let rate = track.frameRate, let length = track.duration,
      abs(Double(length) / 1_000_000 * rate - Double(frames)) < 1.5
    {
      return frames
    }
    return try measuredPictures().frames
  }

  private func measuredPictures() throws -> (frames: Int, end: Int64) {
    if let measured { return measured }
    let found = try CutOff.measure(self)
    measured = (found.frames, found.end)
    return (found.frames, found.end)
  }
}

extension Video {
  /// What is missing at its end; nil when nothing is.
  func cut() throws -> CutOff? {
    if let known { return known }
    let found = try CutOff(self)
    known = .some(found)
    return found
  }

  /// Throws when something is missing at its end.
  func checkWhole() throws {
    guard let cut = try cut() else { return }
    throw SwaplineError(
      .damaged, "\(file.name) (\(format)) is cut off: \(cut.found) are there.",
      hint: "Download or export it again.")
  }

  /// Runs work that reads this track. Damage that comes of an early end is told as that.
  func reading<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as AVError {
      if error.kind == .damaged { try checkWhole() }
      return try file.reading { throw error }
    }
  }

  /// Opens `file`; where it has no index, says what stands there instead.
  private static func opened(_ file: SniffedFile, _ cancellation: Cancellation) throws -> InputFile
  {
    do {
      return try InputFile(file.path, cancellation: cancellation)
    } catch {
      if error.kind == .open, let fault = missingIndex(file) { throw fault }
      return try file.reading { throw error }
    }
  }

  private static func missingIndex(_ file: SniffedFile) -> SwaplineError? {
    guard let format = file.format else { return nil }
    if [.mkv, .webm].contains(format), ElementWalk(file.path).endsEarly {
      return SwaplineError(
        .damaged,
        "The header of \(file.name) (\(format)) cannot be read: the file ends within it, after "
          + "\(file.size) bytes.", hint: "Download or export it again.")
    }
    guard [.mp4, .mov].contains(format) else { return nil }
    let found = TopBoxes(file.path)
    guard !found.boxes.contains(where: { $0.name == "moov" && $0.end <= found.size }) else {
      return nil
    }
    let place =
      found.cut.map { box in
        "the file ends after \(found.size) bytes, inside the box \(box.shown), which goes on to "
          + "\(box.end)"
      } ?? "its \(found.size) bytes hold no box 'moov'"
    return SwaplineError(
      .damaged,
      "The header of \(file.name) (\(format)) cannot be read: its index is missing, because "
        + "\(place).", hint: "The file is cut off or damaged: download or export it again.")
  }
}

extension SniffedFile {
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
    let words = Reason.text(error.detail, or: "its data is inconsistent")
    return switch error.kind {
    case .interrupted: CancellationError()
    case .open:
      SwaplineError(
        .damaged, "The header of \(name)\(kind) cannot be read: \(words).",
        hint: "The file is cut off or damaged: download or export it again.")
    case .damaged:
      SwaplineError(
        .damaged, "\(name)\(kind) cannot be read to its end: \(words).",
        hint: "The file is cut off or damaged: download or export it again.")
    case .missing:
      SwaplineError(
        .unsupported, "\(name)\(kind) cannot be decoded: \(words).",
        hint: "Convert it to an mp4 with H.264 first; `swapline doctor` lists what can be read.")
    case .memory:
      SwaplineError(
        .limit, "\(name) needs more memory than media work may use.",
        hint: "Use a smaller track.")
    case .write(let code): PartialFile.failure(code, path)
    case .encode:
      SwaplineError(
        .internal, "libav failed at work that should not fail: \(error).",
        hint: "Report this with the file that shows it.")
    }
  }
}
