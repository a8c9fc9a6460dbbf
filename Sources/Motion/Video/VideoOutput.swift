import AV
import Core

/// One video that is made of another, while it grows.
final class VideoOutput {
  private let video: Video
  private let plan: VideoPlan
  private let file: VideoFile
  /// Nil where pictures are copied.
  private let encoder: VideoEncoder?
  /// How many pictures are copied; nil for all of them.
  private let count: Int?
  private var pictures = 0
  private var copiedPictures = 0
  /// Pictures that are not shown, of which it is not known yet whether one that is shown follows.
  private var hidden: [Packet] = []
  /// Where copied packets go, by stream of the original.
  private var copied: [Int: Int] = [:]
  private var sounds: [Int: EncodedSound] = [:]
  private var grid: FrameGrid<DecodedFrame>?
  private var waiting: (frame: DecodedFrame, start: Int64)?
  private var earlier: Int64 = 0
  private let fitting: PictureFitting
  /// Encodes and writes beside decoding and scaling.
  private let queue = BoundedWorkQueue(depth: 6)

  /// Where it ends, in microseconds, when the end is cut off: between two pictures where they are
  /// copied.
  let end: Int64?

  /// A video that will be at `path`; `base` is the name that the request gave. `filter` changes its
  /// pictures, which are encoded then.
  init(
    _ video: Video, _ plan: VideoPlan, to path: String, base: String?,
    filter: (any FrameFilter)? = nil, times: () throws -> VideoTimes
  ) throws {
    let alpha = plan.alpha(of: video)
    fitting = PictureFitting(
      video, alpha: alpha, filter: filter, operations: plan.operations)
    self.video = video
    self.plan = plan
    let cut = try plan.encodes ? nil : plan.end.map { try times().prefix(within: $0) }
    if let cut, cut.count == 0 {
      throw SwaplineError(
        .limit, "No picture of \(video.file.name) ends within its maximum duration.",
        hint: "Allow a longer one.")
    }
    count = cut?.count
    end = cut?.end ?? plan.end
    let file = try VideoFile(
      path, base: base, plan.container, rights: plan.rights ?? video.rights,
      cancellation: video.cancellation)
    self.file = file
    guard let size = plan.size else {
      encoder = nil
      return
    }
    let average = VideoPlan.rate(most: min(240, max(1, video.track.frameRate ?? 25)), of: nil)
    let settings = EncoderSettings(
      codec: plan.container.videoEncoder, width: size.width, height: size.height,
      frameRate: plan.rate ?? average, quality: plan.quality, colors: video.track.colors,
      hasAlpha: alpha == .kept)
    encoder = try file.writing { try VideoEncoder(settings, for: file.output) }
    if let rate = plan.rate {
      grid = FrameGrid(numerator: rate.numerator, denominator: rate.denominator)
    }
  }

  /// Whether pictures are encoded anew.
  var encodes: Bool { encoder != nil }

  /// Writes what stands before pictures and sound that come from `input`.
  func start(_ input: InputFile) throws {
    try file.writing {
      if let encoder {
        pictures = try file.output.add(encoder)
      } else {
        copied[video.track.index] = try file.output.add(copying: video.track, of: input)
      }
    }
    for (stream, sound) in plan.sounds {
      switch sound {
      case .copied:
        copied[stream.index] = try file.writing {
          try file.output.add(copying: stream, of: input)
        }
      case .encoded:
        sounds[stream.index] = try EncodedSound(
          stream, of: input, video, into: file, plan.container.audioEncoder, end: end)
      }
    }
    earlier = input.start
    try file.writing { try file.output.start() }
  }

  /// Takes what is not decoded, starting at `start`; nil where it does not say so.
  func copy(_ packet: Packet, start: Int64?) throws {
    let isPicture = packet.stream == video.track.index
    if isPicture {
      if packet.isHidden { return try hold(packet) }
      copiedPictures += 1
      if let count, copiedPictures > count { return }
      for packet in hidden { try hand(packet) }
      hidden = []
    } else if let start {
      if let end, start >= end { return }
      // A decoder of sound needs one packet before the first one that is heard; more would push
      // the pictures back in containers that know no time before zero.
      if start < -25_000 { return }
    }
    try hand(packet)
  }

  /// What an edit list hides is needed to decode what it shows behind it, and only for that: what is
  /// hidden at the end stays out, or it would be seen again.
  private func hold(_ packet: Packet) throws {
    guard copied[packet.stream] != nil else { return }
    // A long video of which little is shown: its other groups of pictures are not needed.
    if packet.isKey, hidden.count > 300 { hidden = [] }
    hidden.append(try video.reading { try Packet(referring: packet) })
  }

  private func hand(_ packet: Packet) throws {
    guard copied[packet.stream] != nil || sounds[packet.stream] != nil else { return }
    let copy = try video.reading { try Packet(referring: packet) }
    // Copying is quicker than handing over to another thread.
    if encoder == nil, sounds.isEmpty { return try write(copy) }
    try queue.submit { [self] in try write(copy) }
  }

  private func write(_ packet: Packet) throws {
    if let place = copied[packet.stream] {
      try file.writing { try file.output.write(packet, stream: place, earlier: earlier) }
    } else {
      try sounds[packet.stream]?.take(packet)
    }
  }

  /// Takes the next picture, shown from `start` on.
  func take(_ frame: DecodedFrame, start: Int64) throws {
    if let end, start >= end { return }
    if grid != nil {
      try grid?.take(frame, start: start, encode)
      return
    }
    if let (frame, before) = waiting { try encode(frame, before, max(1, start - before)) }
    waiting = (frame, start)
  }

  /// Ends the video, whose last picture is shown to `length` or the plan's end.
  func finish(at length: Int64) throws {
    let end = min(plan.end ?? .max, length)
    if let (frame, start) = waiting {
      try encode(frame, start, end > start ? end - start : frame.duration ?? 40_000)
    }
    try grid?.finish(at: end, encode)
    try fitting.filter?.check()
    try queue.finish()
    for sound in sounds.values { try sound.finish() }
    try file.writing {
      try encoder?.finish { try file.output.write($0, stream: pictures) }
    }
    try file.finish()
  }

  /// Begins nothing more, and waits for what is being written.
  func abandon(_ error: any Error) { queue.abandon(error) }

  private func encode(_ frame: DecodedFrame, _ start: Int64, _ duration: Int64) throws {
    guard let encoder else { return }
    let scaled = try fitting.fitted(frame, plan.size)
    try queue.submit { [self] in
      try file.writing {
        try encoder.encode(scaled, start: start, duration: duration) {
          try file.output.write($0, stream: pictures)
        }
      }
    }
  }
}
