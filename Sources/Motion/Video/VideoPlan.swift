import AV
import Core
import Imaging
import Processing

/// What has to change about a video before limits let it pass, worked out from its facts.
struct VideoPlan {
  /// What becomes of one sound track.
  enum Sound {
    case copied
    case encoded
  }

  /// The container to write.
  var container: VideoContainer
  /// The upright size to encode; nil copies the pictures as they are.
  var size: Size?
  /// The constant rate to encode at; nil keeps every frame's own time.
  var rate: Rational?
  /// Where the end is cut off, in microseconds; nil keeps it.
  var end: Int64?
  /// The sound tracks that stay, by stream.
  var sounds: [(stream: StreamFacts, sound: Sound)] = []
  /// What changes and why; empty for a video that passes as it is.
  var changes: [Change] = []
  /// What the video says of itself; nil keeps what the original says.
  var rights: Rights?
  /// The constant rate factor of encoded pictures.
  var quality = 20.0
  /// What clear pixels are flattened onto where no opacity is kept.
  var background: [UInt8] = [255, 255, 255]
  /// Whether an opacity is kept where the container's encoder takes it.
  var allowsAlpha = true
  /// What is done to encoded pictures once they have their size; nil leaves them as they are.
  var operations: PixelOperations?

  /// Whether pictures are encoded anew.
  var encodes: Bool { size != nil }

  /// Encodes the pictures of `video` for a rendition, whole and with its sound.
  init(rendering video: Video, as container: VideoContainer, size: Size) {
    self.container = container
    self.size = size
    sounds = video.sounds.map { stream in
      (stream, container.audioCodecs?.contains(stream.codec) == false ? .encoded : .copied)
    }
    for (stream, sound) in sounds where sound == .encoded {
      changes.append(
        Change(
          .sound, from: stream.codec, to: container.audioCodec,
          reason: "\(container.format) holds no \(stream.codec)"))
    }
  }

  /// Copies pictures and sound of `video` as they are.
  init(copying video: Video, into container: VideoContainer) {
    self.container = container
    sounds = video.sounds.map { ($0, .copied) }
    leaveOthers(video)
  }

  /// The plan for `video`, whose facts are `media`. Throws `SwaplineError` for what no change can
  /// mend.
  init(
    _ video: Video, _ media: Media, _ request: NormalizeRequest, times: () throws -> VideoTimes
  ) throws {
    let limits = request.limits
    background = request.background
    allowsAlpha = limits.allowsAlpha != false
    container = try Self.container(video, limits)
    try keepSounds(video, limits)
    let reasons = try encodingReasons(video, media, limits)
    let seen = Size(media.uprightWidth, media.uprightHeight)
    let fitted = try FittedSize(seen, video.file.name, limits)
    let even = fitted.size.even
    try trim(video, media, request)
    try pace(video, media, limits, times)
    let mustBeEven = limits.requiresEvenSides == true && even != fitted.size
    guard !reasons.isEmpty || !fitted.limits.isEmpty || rate != nil || mustBeEven else {
      try contain(video, limits)
      if !changes.isEmpty { leaveOthers(video) }
      return
    }
    changes += reasons
    if even != seen {
      var asked = fitted.limits.map(limits.reason)
      if asked.isEmpty {
        asked = [
          limits.requiresEvenSides == true
            ? limits.reason(.evenSides) : "\(container.videoCodec) holds even sides only"
        ]
      }
      changes.append(
        Change(
          .size, from: seen.text, to: even.text, reason: asked.joined(separator: ", ")))
    }
    size = even
    try checkEncoder(video, limits)
    encodeFacts(video)
    try contain(video, limits)
  }

  /// What becomes different because pictures are encoded anew for another reason.
  mutating func encodeFacts(_ video: Video) {
    let why = "the video is re-encoded"
    func add(_ kind: Change.Kind, from: String, to: String, if isNeeded: Bool) {
      guard isNeeded, !changes.contains(where: { $0.kind == kind }) else { return }
      changes.append(Change(kind, from: from, to: to, reason: why))
    }
    for change in video.decodingChanges(why) {
      add(change.kind, from: change.from, to: change.to, if: true)
    }
    if case .flattened(let background) = alpha(of: video) {
      let colour = "flattened onto #\(background.hexadecimal)"
      let reason =
        allowsAlpha
        ? "\(container.format) with \(container.videoCodec) holds no transparency"
        : "alpha false"
      changes.removeAll { $0.kind == .alpha }
      changes.append(Change(.alpha, from: "transparency", to: colour, reason: reason))
    }
    add(.depth, from: "\(video.track.bitDepth) bits", to: "8 bits", if: video.track.bitDepth > 8)
    add(
      .codec, from: video.track.codec, to: container.videoCodec,
      if: video.track.codec != container.videoCodec)
    leaveOthers(video)
  }

  /// What becomes of an opacity when pictures are encoded.
  func alpha(of video: Video) -> PictureFitting.Alpha {
    guard video.track.hasAlpha else { return .none }
    return allowsAlpha && container.encodesAlpha ? .kept : .flattened(background)
  }

  /// Only pictures and sound go on when a video is written.
  private mutating func leaveOthers(_ video: Video) {
    let others = video.otherTracks
    guard !others.isEmpty, !changes.contains(where: { $0.kind == .tracks }) else { return }
    changes.append(
      Change(.tracks, from: others, to: "left out", reason: "only pictures and sound are kept"))
  }

  /// Says that the container changes, or only its order.
  private mutating func contain(_ video: Video, _ limits: MediaLimits) throws {
    if container.format != video.format {
      changes.append(
        Change(
          encodes ? .format : .container, from: video.format.name, to: container.format.name,
          reason: limits.reason(.formats)))
    } else if limits.requiresFastStart == true, [.mp4, .mov].contains(video.format),
      !FastStart.holds(video.file.path)
    {
      changes.append(
        Change(
          .container, from: "index after the pictures", to: "index before them",
          reason: limits.reason(.fastStart)))
    }
  }

  private func encodingReasons(
    _ video: Video, _ media: Media, _ limits: MediaLimits
  ) throws -> [Change] {
    var reasons: [Change] = []
    let codec = video.track.codec
    if let codecs = limits.videoCodecs, !codecs.contains(codec) {
      reasons.append(
        Change(
          .codec, from: codec, to: container.videoCodec,
          reason: limits.reason(.videoCodecs)))
    } else if container.videoCodecs?.contains(codec) == false {
      reasons.append(
        Change(
          .codec, from: codec, to: container.videoCodec,
          reason: "\(container.format) holds no \(codec)"))
    }
    let losses = container.losses(copying: video)
    reasons += losses.filter { loss in !reasons.contains { $0.kind == loss.kind } }
    if limits.requiresUpright == true {
      // A reader that takes no notice of how pictures are turned takes none of their pixels' shape.
      reasons += video.decodingChanges(limits.reason(.upright)).filter { change in
        [.orientation, .aspect].contains(change.kind)
          && !reasons.contains { $0.kind == change.kind }
      }
    }
    if limits.allowsAlpha == false, video.track.hasAlpha {
      reasons.append(
        Change(
          .alpha, from: "transparency",
          to: "flattened onto #\(background.hexadecimal)", reason: limits.reason(.alpha)))
    }
    if limits.requiresSRGB == true {
      reasons += video.decodingChanges(limits.reason(.srgb)).filter { $0.kind == .color }
    }
    if let bits = limits.maximumBitDepth, media.bitDepth > bits {
      reasons.append(
        Change(
          .depth, from: "\(media.bitDepth) bits", to: "8 bits",
          reason: limits.reason(.bitDepth)))
    }
    return reasons
  }

  private func checkEncoder(_ video: Video, _ limits: MediaLimits) throws {
    guard let codecs = limits.videoCodecs, !codecs.contains(container.videoCodec) else { return }
    throw SwaplineError(
      .unsupported,
      "\(video.file.name) would have to be encoded as \(codecs.joined(separator: " or ")), and "
        + "Swapline encodes \(container.format) with \(container.videoCodec).",
      hint: "Allow \(container.videoCodec) in video_codecs.")
  }
}
