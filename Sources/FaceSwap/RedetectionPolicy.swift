import Faces

/// Says when it is worth looking for faces in a whole frame, which costs most.
struct RedetectionPolicy {
  /// A frame that differs less than this from one that was searched shows nothing new (0 to 255).
  static let minimumChange = 2.0
  /// A face that fades in changes little at a time.
  static let mostFrames = 8

  private var looked: [UInt8] = []
  private var since = 0

  /// Whether to look at `frame`, given whether a face is missing.
  mutating func shouldLook(_ frame: PictureView, isMissing: Bool) -> Bool {
    since += 1
    guard isMissing else {
      looked = []
      return false
    }
    let print = frame.fingerprint()
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
