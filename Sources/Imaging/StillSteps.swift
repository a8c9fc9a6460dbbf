/// What is done to the pixels of a still picture between reading and writing, each list in the order in
/// which it is done.
enum StillSteps {
  /// From what is stored to an upright picture in memory, once for every file that is made of it.
  ///
  /// Scaled before it is turned: turning needs the whole picture in memory, and less is less.
  static let decoding: [@Sendable (Decoder, inout Decoded) throws -> Void] = [
    Decoder.color, Decoder.scale, Decoder.orient, Decoder.leaveBehind,
  ]

  /// From there to one rendition.
  static let rendition: [@Sendable (inout StillRendition) throws -> Void] = [
    StillRendition.scale, StillRendition.frame, StillRendition.operate, StillRendition.flatten,
  ]
}
