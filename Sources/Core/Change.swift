/// One thing that was done to a file, and why: an entry of an asset's history.
public struct Change: Sendable, Hashable, Codable {
  /// What was changed.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The picture was turned or mirrored as its EXIF orientation says.
    case orientation
    /// Pixels that are not square became square: the picture looks as before, and has other sides.
    case aspect
    /// Interlaced pictures became whole ones.
    case scan
    /// Colours were converted to another space or profile.
    case color
    /// Samples were reduced to fewer bits.
    case depth
    /// Transparency was flattened onto a colour.
    case alpha
    /// Metadata was removed.
    case metadata
    /// Width and height were changed.
    case size
    /// The file format was changed.
    case format
    /// Compression was made stronger to save bytes.
    case quality
    /// Frames were removed or merged.
    case frames
    /// Delays of frames, or the frame rate, were changed.
    case timing
    /// Something was cut off the end.
    case duration
    /// Pictures or sound were encoded with another codec.
    case codec
    /// What was encoded went into another container, or its index was moved, byte for byte.
    case container
    /// A sound track was removed or encoded anew.
    case sound
    /// A track of something else than sound was left out: subtitles, chapters, a second video.
    case tracks
    /// A face was replaced.
    case face
    /// A file was put on another host than the first that was named.
    case host
  }

  /// What was changed.
  public var kind: Kind
  /// The stage that did it; the runner fills it in.
  public var stage: String?
  /// The part of the file that it was done to, when the stage works on several.
  public var role: Role?
  /// What it was before.
  public var from: String
  /// What it is now.
  public var to: String
  /// Why: the limit or rule that asked for it.
  public var reason: String

  /// A change from one state to another, with its reason.
  public init(_ kind: Kind, from: String, to: String, reason: String) {
    self.kind = kind
    self.from = from
    self.to = to
    self.reason = reason
  }
}
