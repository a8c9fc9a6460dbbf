import Core

/// Everything that was read of one file.
struct Row: Encodable {
  var file: String
  /// The facts; nil where the file was refused.
  var media: Media?
  /// Why the file was refused.
  var error: String?
  /// PNG files of frames by their number from 0; stills have frame 0 alone.
  var frames: [String: String] = [:]
  /// How many frames were decoded; nil for a still, and for a moving picture too long to take apart.
  var decoded: Int?
  /// The PNG file that a conversion of the first frame gives.
  var still: String?
  /// What the history says of that conversion.
  var changes: [Change] = []
  /// Why there are facts and no pixels.
  var failure: String?
  /// What became of it in other formats, by name.
  var converted: [String: Converted] = [:]
}

/// One file made from another.
struct Converted: Encodable {
  /// The written file; nil where it could not be made.
  var file: String?
  /// Its facts.
  var media: Media?
  /// Why there is none.
  var error: String?
  /// What the history says of it.
  var changes: [Change] = []
}
