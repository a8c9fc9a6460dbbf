import AV
import Core
import Processing

/// What is missing of a video by the word of its own container, when the file ends too early.
struct CutOff {
  /// How much is there, such as "7 of 15 frames (0.7 of 1.5 s)".
  let found: String

  /// What is missing of `video`; nil when nothing is.
  init?(_ video: Video) throws {
    let path = video.file.path
    switch video.format {
    case .mp4, .mov:
      if let found = Self.listed(video) {
        self.found = found
        return
      }
      guard TopBoxes(path).endsInFragment else { return nil }
      found = try Self.counted(video)
    case .mkv, .webm:
      guard ElementWalk(path).isCut else { return nil }
      found = try Self.counted(video)
    default: return nil
    }
  }

  /// By the list of every sample that an mp4 has.
  private static func listed(_ video: Video) -> String? {
    let size = video.file.size
    let pictures = video.input.extent(of: video.track.index, within: size)
    if pictures.there < pictures.all {
      return "\(pictures.there) of \(pictures.all) frames"
        + seconds(pictures.end, of: video.track.duration)
    }
    for sound in video.sounds {
      let extent = video.input.extent(of: sound.index, within: size)
      guard extent.there < extent.all else { continue }
      let length = seconds(extent.end, of: sound.duration)
      return "all \(pictures.all) frames and \(extent.there) of \(extent.all) packets of the sound"
        + length
    }
    return nil
  }

  /// By reading every packet that is there.
  private static func counted(_ video: Video) throws -> String {
    let found = try measure(video)
    let frames = "\(found.frames) frame\(found.frames == 1 ? "" : "s")"
    let pictures = frames + seconds(found.end, of: video.input.duration)
    guard !video.sounds.isEmpty else { return pictures }
    return "\(pictures), and the sound to \(text(found.soundEnd)) s,"
  }

  /// How many pictures are there, and when the last one and the last sound end, in microseconds since
  /// the file's start; nothing is decoded.
  static func measure(
    _ video: Video
  ) throws -> (frames: Int, end: Int64, soundEnd: Int64) {
    let input = try video.file.reading { try video.fromStart() }
    input.keepOnly(Set([video.track.index] + video.sounds.map(\.index)))
    let packet = try video.file.reading { try Packet() }
    var (frames, end, soundEnd) = (0, Int64(0), Int64(0))
    // Damage is where the cut is: what comes before it counts.
    while try video.file.reading({ try next(input, packet) }) {
      guard !packet.isHidden, !packet.isCut else { continue }
      let last = (packet.start ?? 0) - input.start + packet.duration
      guard packet.stream == video.track.index else {
        soundEnd = max(soundEnd, last)
        continue
      }
      frames += 1
      end = max(end, last)
    }
    return (frames, end, soundEnd)
  }

  private static func next(_ input: InputFile, _ packet: Packet) throws -> Bool {
    do {
      return try input.read(into: packet)
    } catch {
      guard error.kind == .damaged else { throw error }
      return false
    }
  }

  private static func seconds(_ there: Int64?, of all: Int64?) -> String {
    guard let there else { return "" }
    // A length that is not longer was made up of what is there.
    guard let all, all > there else { return " (\(text(there)) s)" }
    return " (\(text(there)) of \(text(all)) s)"
  }

  private static func text(_ time: Int64) -> String {
    let rounded = (Double(time) / 10_000).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
