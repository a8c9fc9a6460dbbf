import CFaces

/// A face that is followed from frame to frame, without looking for it in the whole frame.
/// Not `Sendable`: one thread at a time.
package final class FaceFollower {
  private let pointer: OpaquePointer

  /// Begins to follow the face of `frame` that lies by `mesh`.
  package init(_ frame: PictureView, mesh: FaceMesh) throws(FacesError) {
    var made: OpaquePointer?
    var near = mesh.c
    try checked { faces_follower_create(frame.picture, &near, &made, $0) }
    guard let made else { throw FacesError(.failed, "no follower was made") }
    pointer = made
  }

  deinit {
    faces_follower_destroy(pointer)
  }

  /// Where the face is in the next frame, steadied: it stands while nothing but noise moves it, and keeps up
  /// with every real movement. Nil once it is not there, or has become another.
  package func follow(_ frame: PictureView, with finder: FaceFinder) throws(FacesError) -> FaceMesh?
  {
    var mesh = FacesMesh()
    var isFound = false
    try finder.withPointer { finder throws(FacesError) in
      try checked { faces_follower_follow(pointer, finder, frame.picture, &mesh, &isFound, $0) }
    }
    return isFound ? FaceMesh(mesh) : nil
  }

  /// How like a face of `frame` is to the followed one, as it was seen last: 1 is the same, two people are
  /// some 0.5 alike.
  package func likeness(of mesh: FaceMesh, in frame: PictureView) throws(FacesError) -> Double {
    var likeness = 0.0
    var there = mesh.c
    try checked { faces_follower_likeness(pointer, frame.picture, &there, &likeness, $0) }
    return likeness
  }

  /// Goes on with the same face somewhere else.
  package func resume(_ frame: PictureView, mesh: FaceMesh) throws(FacesError) {
    var there = mesh.c
    try checked { faces_follower_resume(pointer, frame.picture, &there, $0) }
  }
}
