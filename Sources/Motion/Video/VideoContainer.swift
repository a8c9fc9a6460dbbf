import AV
import Core

/// What a container of videos holds, and with what videos are encoded for it.
struct VideoContainer {
  let format: MediaFormat
  let container: OutputFile.Container
  /// Codecs of pictures that may be copied into it; nil for every one.
  let videoCodecs: Set<String>?
  /// Codecs of sound that may be copied into it; nil for every one.
  let audioCodecs: Set<String>?
  let videoEncoder: EncoderSettings.Codec
  let audioEncoder: AudioEncoder.Codec

  /// Every container that Swapline writes, the most wanted first: mp4 plays everywhere.
  static let all: [VideoContainer] = [
    VideoContainer(
      format: .mp4, container: .mp4, videoCodecs: ["h264", "hevc", "av1", "vp9", "mpeg4"],
      audioCodecs: ["aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"],
      videoEncoder: .h264, audioEncoder: .aac),
    VideoContainer(
      format: .mov, container: .mov, videoCodecs: ["h264", "hevc", "mpeg4", "mjpeg", "prores"],
      audioCodecs: [
        "aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_f32le",
      ],
      videoEncoder: .h264, audioEncoder: .aac),
    VideoContainer(
      format: .mkv, container: .mkv, videoCodecs: nil, audioCodecs: nil,
      videoEncoder: .h264, audioEncoder: .aac),
    VideoContainer(
      format: .webm, container: .webm, videoCodecs: ["vp8", "vp9", "av1"],
      audioCodecs: ["opus", "vorbis"], videoEncoder: .vp9, audioEncoder: .opus),
  ]

  /// The container of `format`; nil for one that holds no videos.
  init?(_ format: MediaFormat) {
    guard let found = Self.all.first(where: { $0.format == format }) else { return nil }
    self = found
  }

  private init(
    format: MediaFormat, container: OutputFile.Container, videoCodecs: Set<String>?,
    audioCodecs: Set<String>?, videoEncoder: EncoderSettings.Codec,
    audioEncoder: AudioEncoder.Codec
  ) {
    self.format = format
    self.container = container
    self.videoCodecs = videoCodecs
    self.audioCodecs = audioCodecs
    self.videoEncoder = videoEncoder
    self.audioEncoder = audioEncoder
  }

  /// The encoder's codec for pictures, in libavcodec's words.
  var videoCodec: String { videoEncoder == .h264 ? "h264" : "vp9" }

  /// The encoder's codec for sound, in libavcodec's words.
  var audioCodec: String { audioEncoder == .aac ? "aac" : "opus" }

  /// Whether it says how pictures are turned.
  private var holdsMatrix: Bool { container == .mp4 || container == .mov }

  /// Whether pictures encoded for it may be partly clear.
  var encodesAlpha: Bool { videoEncoder == .vp9 }

  /// What would be lost if the pictures of `video` were copied into it; empty where nothing would.
  func losses(copying video: Video) -> [Change] {
    var losses: [Change] = []
    if video.track.orientation != .upright, !holdsMatrix {
      losses.append(
        Change(
          .orientation, from: video.track.orientation.text, to: "upright",
          reason: "\(format) does not say how pictures are turned"))
    }
    if video.track.hasAlphaApart, holdsMatrix {
      losses.append(
        Change(
          .codec, from: video.track.codec, to: videoCodec,
          reason: "\(format) holds no opacity of \(video.track.codec)"))
    }
    return losses
  }

  /// Whether both may be copied into it.
  func holds(video: String, audio: [String]) -> Bool {
    videoCodecs?.contains(video) != false
      && audio.allSatisfy { audioCodecs?.contains($0) != false }
  }
}
