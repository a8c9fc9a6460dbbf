import CFaces

/// A face that is followed from frame to frame, without looking for it in the whole frame.
/// Not `Sendable`: one thread at a time.
package final class FaceTracker {
  private let pointer: OpaquePointer

  /// Begins to follow the face of `frame` whose eyes are `eyes`.
  package init(_ frame: PictureView, eyes: EyePoints) throws(FacesError) {
    var made: OpaquePointer?
    try checked { faces_tracker_create(frame.picture, eyes.c, &made, $0) }
    guard let made else { throw FacesError(.failed, "no tracker was made") }
    pointer = made
  }

  deinit {
    faces_tracker_destroy(pointer)
  }

  /// Where the face is in the next frame, and how like it is to that of the beginning: 1 is the
  /// same, below 0.6 it is most likely another or none. Throws `.argument` once it left the frame.
  package func follow(
    _ frame: PictureView
  ) throws(FacesError) -> (eyes: EyePoints, likeness: Double) {
    var eyes = FacesEyes()
    var likeness = 0.0
    try checked { faces_tracker_follow(pointer, frame.picture, &eyes, &likeness, $0) }
    return (EyePoints(eyes), likeness)
  }
}
