import CFaces

/// One face that is put over that of a still or of many frames, with what belongs to the face alone done
/// once.
///
/// The new face takes the scene's pose, expression, light, focus and grain; it gives its shape and
/// features. In frames, colour and mask follow slowly, so that noise does not flicker. Not `Sendable`: one
/// thread at a time.
package final class FaceBlender {
  private let pointer: OpaquePointer

  /// A blender of the face of `picture` that lies by `mesh`. The samples are copied. Of moving scenes,
  /// eyes and open mouths stay the scene's.
  package init(_ picture: RGBPicture, mesh: FaceMesh, isMoving: Bool) throws(FacesError) {
    var made: OpaquePointer?
    var own = mesh.c
    try picture.withPicture { source throws(FacesError) in
      try checked { faces_blender_create(source, &own, isMoving, &made, $0) }
    }
    guard let made else { throw FacesError(.failed, "no blender was made") }
    pointer = made
  }

  deinit {
    faces_blender_destroy(pointer)
  }

  /// Puts the face over the one of `frame` that lies by `mesh`, in place, and returns the box of what
  /// changed: nothing outside it does.
  ///
  /// `isFresh` says that the frame does not follow the last one, so that nothing is remembered.
  /// Throws `.nothingToBlend` when no pixel is left to replace.
  package func blend(
    into frame: PictureView, mesh: FaceMesh, isFresh: Bool
  ) throws(FacesError) -> PixelBox {
    try blend(frame.canvas, mesh, isFresh)
  }

  /// Puts the face over the one of a still, as `blend(into:mesh:isFresh:)` does with a fresh frame.
  package func blend(
    into picture: inout RGBPicture, mesh: FaceMesh
  ) throws(FacesError) -> PixelBox {
    var box = PixelBox(x: 0, y: 0, width: 0, height: 0)
    try picture.withCanvas { canvas throws(FacesError) in box = try blend(canvas, mesh, true) }
    return box
  }

  /// Takes another picture of a face for the frame that comes next: one that a network made of that frame.
  package func renew(_ picture: RGBPicture, mesh: FaceMesh) throws(FacesError) {
    var own = mesh.c
    try picture.withPicture { source throws(FacesError) in
      try checked { faces_blender_renew(pointer, source, &own, $0) }
    }
  }

  /// Puts the very same pixels over a frame that is the one before as far as the face goes; nil where it is
  /// not, and nothing was done.
  package func repeated(_ frame: PictureView, mesh: FaceMesh) throws(FacesError) -> PixelBox? {
    var (touched, isSame) = (FacesBox(), false)
    var there = mesh.c
    try checked { faces_blender_repeat(pointer, frame.canvas, &there, &touched, &isSame, $0) }
    return isSame ? PixelBox(touched) : nil
  }

  private func blend(
    _ canvas: FacesCanvas, _ mesh: FaceMesh, _ isFresh: Bool
  ) throws(FacesError) -> PixelBox {
    var touched = FacesBox()
    var there = mesh.c
    try checked { faces_blender_blend(pointer, canvas, &there, isFresh, &touched, $0) }
    return PixelBox(touched)
  }
}
