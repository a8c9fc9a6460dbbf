import AV
import Core

/// Reads a video's pictures upright and with their own times, a few at a time.
final class VideoReader: FrameReader {
  let width: Int
  let height: Int
  let loops: Int? = nil
  var hasAlpha: Bool { video.track.hasAlpha }

  private let video: Video
  private let input: InputFile
  private let decoder: Decoder
  private let frames: UprightFrames
  private var waiting: Frame?
  private var isOver = false
  private var clock = SteadyClock()
  /// Whether nothing was read yet, so that decoding goes on from the first picture.
  private var isFresh = true
  /// The picture that was asked for last, and the one behind it.
  private var shown: DecodedFrame?
  private var ahead: DecodedFrame?

  /// A reader of `video` whose pictures fit `maximumSide` where one is given; none is enlarged.
  init(_ video: Video, maximumSide: Int? = nil) throws {
    self.video = video
    let (width, height) = video.square
    let scale = maximumSide.map { min(1, Double($0) / Double(max(width, height))) } ?? 1
    let stored = (
      width: max(1, Int((Double(width) * scale).rounded())),
      height: max(1, Int((Double(height) * scale).rounded()))
    )
    (self.width, self.height) = video.track.orientation.sides(stored.width, stored.height)
    frames = UprightFrames(video, width: stored.width, height: stored.height)
    let input = try video.reading { try video.fromStart() }
    self.input = input
    decoder = try video.reading {
      try Decoder(input, video.track, maximumPixels: video.limits.maximumPixels)
    }
  }

  func next() throws -> Frame? {
    guard let frame = try waiting ?? decoded() else { return nil }
    waiting = try isOver ? nil : decoded()
    // How long a picture is shown is known when the next one is there.
    if let following = waiting {
      frame.duration = max(1, following.start - frame.start)
    } else {
      // Containers say how long a frame lasts, if at all, with less care than how long the whole
      // does; but a sound may last longer than the pictures.
      let own = video.track.duration ?? (video.sounds.isEmpty ? video.input.duration : nil)
      let rest = (own ?? 0) - frame.start
      if rest > 0 { frame.duration = rest }
      if frame.duration == 0 { frame.duration = Int64(1_000_000 / (video.track.frameRate ?? 25)) }
    }
    return frame
  }

  /// The picture that is shown at `time`, in microseconds; the last one when the video ends before.
  ///
  /// Going on from an earlier time costs least: seeks happen only where they save decoding.
  func frame(at time: Int64) throws -> ComingFrame? {
    waiting = nil
    isOver = false
    let isNear = isFresh && isNearStart(time)
    isFresh = false
    decoder.wanted = time
    if !isNear, !goesOn(to: time) {
      shown = nil
      ahead = try soughtPicture(for: time)
    }
    while true {
      // The first one after a seek is taken when the video begins later than asked.
      if let start = ahead?.start, start > time, shown != nil { break }
      if let ahead { shown = ahead }
      ahead = try video.reading { try decoder.next() }
      if ahead == nil { break }
    }
    return shown.map(coming)
  }

  /// The key frame at or before `time`, in microseconds; nothing else is decoded.
  func keyFrame(at time: Int64) throws -> ComingFrame? {
    (waiting, shown, ahead, isOver, isFresh) = (nil, nil, nil, false, false)
    decoder.decodesKeyFramesOnly = true
    defer { decoder.decodesKeyFramesOnly = false }
    return try soughtPicture(for: time).map(coming)
  }

  private func coming(_ picture: DecodedFrame) -> ComingFrame {
    ComingFrame(start: max(0, picture.start ?? 0)) { [frames] in try frames.frame(picture) }
  }

  /// The picture from which decoding reaches the one at `time`. Lists of key frames say when they are
  /// decoded, which in some files is well before they are shown: then an earlier one is needed.
  private func soughtPicture(for time: Int64) throws -> DecodedFrame? {
    var (target, step) = (time, Int64(500_000))
    while true {
      try video.reading { try decoder.seek(to: target) }
      let found = try video.reading { try decoder.next() }
      guard let start = found?.start, start > time, target > 0 else { return found }
      target = max(0, target - max(start - time, step))
      step *= 2
    }
  }

  /// Whether `time` is reached from the first picture without decoding more than after a seek.
  private func isNearStart(_ time: Int64) -> Bool {
    // Matroska's list is read with the first seek only.
    guard [.mp4, .mov].contains(video.format) else { return time < 1_000_000 }
    guard let key = input.keyFrame(before: time, stream: video.track.index) else {
      return true
    }
    return key <= 0
  }

  /// Whether `time` is reached from here without decoding more than from the key frame before it.
  private func goesOn(to time: Int64) -> Bool {
    guard let current = shown?.start, current <= time else { return false }
    guard let ahead = ahead?.start else { return false }
    guard time >= ahead else { return true }
    guard let key = input.keyFrame(before: time, stream: video.track.index) else {
      return true
    }
    return key <= ahead
  }

  private func decoded() throws -> Frame? {
    isFresh = false
    guard let picture = try video.reading({ try decoder.next() }) else {
      isOver = true
      try video.checkWhole()
      return nil
    }
    let frame = try frames.frame(picture)
    frame.start = max(0, clock.start(picture.start, lasting: picture.duration))
    return frame
  }
}
