import Faces

/// Says when it is worth looking for faces in a whole frame, which costs most, and when a video has gone on
/// to another shot.
struct RedetectionPolicy {
  /// A frame that differs less than this from one that was searched shows nothing new (0 to 255).
  static let minimumChange = 2.0
  /// A frame that differs so much from the one before is another shot (0 to 255).
  static let shotChange = 40.0
  /// A face that fades in changes little at a time.
  static let mostFrames = 8

  /// Whether the video has gone on to another shot since all faces were known.
  private(set) var isAnotherShot = false

  private var looked: [UInt8] = []
  private var before: [UInt8] = []
  private var since = 0

  /// Whether to look at `frame`, given whether a face is missing.
  mutating func shouldLook(_ frame: PictureView, isMissing: Bool) -> Bool {
    since += 1
    let print = frame.fingerprint()
    if !before.isEmpty, print.apart(from: before) > Self.shotChange { isAnotherShot = true }
    before = print
    guard isMissing else {
      looked = []
      isAnotherShot = false
      return false
    }
    guard
      looked.isEmpty || since >= Self.mostFrames || print.apart(from: looked) > Self.minimumChange
    else { return false }
    (looked, since) = (print, 0)
    return true
  }
}

extension [UInt8] {
  /// The mean difference of two prints.
  func apart(from other: [UInt8]) -> Double {
    let sum = zip(self, other).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    return Double(sum) / Double(Swift.max(1, count))
  }
}
