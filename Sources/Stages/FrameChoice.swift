import Core
import Pipelines
import Processing

/// Which frames of a moving picture a rendition shows.
public enum FrameChoice: String, Sendable, Hashable, Codable, CaseIterable, WordParameter {
  /// All of an animation where the format moves; the first one of a film.
  case auto
  /// All of them where the format moves, else the first one.
  case all
  /// The first one.
  case first

  /// What a rendition of `main` in `format` shows.
  func content(of main: Media, as format: MediaFormat) -> RenditionContent {
    let moves = format.kinds.contains(.animation)
    return switch self {
    case .all where moves && main.kind != .image: .moving
    case .auto where moves && main.kind == .animation: .moving
    case .auto, .all, .first: .first
    }
  }
}
