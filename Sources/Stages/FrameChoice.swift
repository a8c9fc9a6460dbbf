import Core
import Pipelines
import Processing

/// Which frames of a moving picture a rendition shows.
public enum FrameChoice: String, Sendable, Hashable, Codable, CaseIterable, WordParameter {
  /// All of an animation where the format moves; the first one of a video.
  case auto
  /// All of them where the format moves, else the first one.
  case all
  /// The first one.
  case first

  /// What a rendition of `main` in `format` shows.
  func content(of main: Media, as format: MediaFormat) -> RenditionContent {
    // A video is never a still.
    if format.kinds == [.video], main.kind != .image { return .moving }
    let moves = format.kinds.contains(.animation)
    return switch self {
    case .all where moves && main.kind != .image: .moving
    case .auto where moves && main.kind == .animation: .moving
    case .auto, .all, .first: .first
    }
  }
}

extension MediaFormat {
  /// Why `main` cannot be written in this format; nil where it can.
  func fault(against main: Media) -> SwaplineError? {
    guard kinds == [.video], main.kind == .image else { return nil }
    return SwaplineError(
      .unsupported, "A still picture cannot become a video (\(name)).",
      hint: "Ask for png, jpg or webp.")
  }
}
