import AV
import Core
import Processing

/// What a person should know about a video that its facts do not say.
extension Video {
  /// The shape of its pixels; nil for squares.
  var pixelAspect: PixelAspect? {
    PixelAspect(track.pixelAspect.numerator, track.pixelAspect.denominator)
  }

  /// What reading showed, in short phrases; nil where there is nothing.
  func remarks() throws -> [String]? {
    var remarks: [String] = []
    if let cut = try cut() { remarks.append("cut off: \(cut.found) are there") }
    if [.mkv, .webm].contains(format), ElementWalk(file.path).isTailCut {
      remarks.append("the index at the end is cut off; every frame is there")
    }
    if let remark = track.matrixRemark { remarks.append(remark) }
    if pixelAspect == nil, track.pixelAspect.numerator != track.pixelAspect.denominator {
      let aspect = track.pixelAspect
      remarks.append("pixels of \(aspect.numerator):\(aspect.denominator), taken as squares")
    }
    if track.isInterlaced { remarks.append("interlaced") }
    if track.isWide { remarks.append("colours of BT.2020") }
    if !otherTracks.isEmpty { remarks.append("also holds \(otherTracks)") }
    if let apart = soundStart {
      remarks.append(
        "the sound starts \(Self.seconds(abs(apart))) s \(apart < 0 ? "before" : "after") "
          + "the pictures")
    }
    return remarks.isEmpty ? nil : remarks
  }

  /// When the sound starts, in microseconds after the pictures; nil where both start together.
  private var soundStart: Int64? {
    guard let audio, abs(audio.start - track.start) >= 100_000 else { return nil }
    return audio.start - track.start
  }

  private static func seconds(_ time: Int64) -> String {
    let rounded = (Double(time) / 10_000).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  /// The tracks that are neither the pictures nor a sound, in words; empty where there are none.
  var otherTracks: String {
    let names: [(StreamFacts.Kind, String)] = [
      (.video, "other video"), (.subtitles, "subtitle"), (.cover, "cover picture"),
      (.other, "data"),
    ]
    return names.compactMap { kind, name in
      let count = input.streams.count { $0.kind == kind && $0.index != track.index }
      return count == 0 ? nil : "\(count) \(name) track\(count == 1 ? "" : "s")"
    }.joined(separator: ", ")
  }

  /// What becomes different when pictures are decoded, for the reason `why`.
  func decodingChanges(_ why: String) -> [Change] {
    var changes: [Change] = []
    if track.orientation != .upright {
      changes.append(
        Change(.orientation, from: track.orientation.text, to: "upright", reason: why))
    }
    if let pixelAspect {
      changes.append(
        Change(
          .aspect, from: "\(track.width)x\(track.height) with pixels of \(pixelAspect)",
          to: "\(square.width)x\(square.height) with square pixels", reason: why))
    }
    if track.isInterlaced {
      changes.append(Change(.scan, from: "interlaced", to: "whole pictures", reason: why))
    }
    if track.isHDR || track.isWide {
      let before = track.isHDR ? "high dynamic range" : "BT.2020"
      changes.append(Change(.color, from: before, to: "BT.709", reason: why))
    }
    return changes
  }
}
