import CFaces

/// One face that is put over that of many frames, with what belongs to the face alone done once.
///
/// Colour and mask follow the frames slowly, so that their noise does not flicker. Not `Sendable`:
/// one thread at a time.
package final class FaceBlender {
  private let pointer: OpaquePointer

  /// A blender of the face of `picture` whose eyes are `eyes`. The samples are copied.
  package init(_ picture: RGBPicture, eyes: EyePoints) throws(FacesError) {
    var made: OpaquePointer?
    try picture.withPicture { source throws(FacesError) in
      try checked { faces_blender_create(source, eyes.c, &made, $0) }
    }
    guard let made else { throw FacesError(.failed, "no blender was made") }
    pointer = made
  }

  deinit {
    faces_blender_destroy(pointer)
  }

  /// Blends the face over that of `frame` in place and returns the box of what changed.
  ///
  /// `isFresh` says that the frame does not follow the last one, so that nothing is remembered.
  /// Throws `.nothingToBlend` when no pixel is left to replace.
  package func blend(
    into frame: PictureView, eyes: EyePoints, isFresh: Bool
  ) throws(FacesError) -> PixelBox {
    var touched = FacesBox()
    try checked { faces_blender_blend(pointer, frame.canvas, eyes.c, isFresh, &touched, $0) }
    return PixelBox(touched)
  }
}
