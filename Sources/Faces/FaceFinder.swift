import CFaces
import Synchronization

/// A face detector with its eye cascade. Calls wait for one another: make one for each thread.
///
/// The first one of a process takes some 350 ms, which dlib needs to unpack its training; later
/// ones take 5 ms.
package final class FaceFinder: Sendable {
  /// The pointer may pass from thread to thread because it never leaves the lock around it, and
  /// the C side keeps nothing that belongs to a thread.
  private struct Handle: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private let handle: Mutex<Handle>

  /// Where Debian's package `opencv-data` puts the cascade for eyes.
  package static let debianCascade = "/usr/share/opencv4/haarcascades/haarcascade_eye.xml"

  /// The most faces that are told of one picture.
  package static let maximumFaces = 256

  /// Makes a finder; throws `.cascade` when `cascade` cannot be read.
  package init(cascade: String = FaceFinder.debianCascade) throws(FacesError) {
    var made: OpaquePointer?
    try checked { faces_finder_create(cascade, &made, $0) }
    guard let made else { throw FacesError(.failed, "no finder was made") }
    handle = Mutex(Handle(pointer: made))
  }

  deinit {
    handle.withLock { faces_finder_destroy($0.pointer) }
  }

  /// Finds the frontal faces of `picture`, largest first.
  ///
  /// The picture is searched with its longest side brought to at most `side` pixels, and enlarged
  /// at most twofold; a face is found from 80 pixels of the searched picture on.
  package func find(in picture: RGBPicture, side: Int) throws(FacesError) -> [FoundFace] {
    var found: [FoundFace] = []
    try picture.withPicture { source throws(FacesError) in found = try find(in: source, side) }
    return found
  }

  /// Finds the frontal faces of a lent picture, as `find(in:side:)` does.
  package func find(in picture: PictureView, side: Int) throws(FacesError) -> [FoundFace] {
    try find(in: picture.picture, side)
  }

  /// The eyes of the face in `box`; throws `.argument` when the box lies outside the picture.
  package func eyes(of box: PixelBox, in picture: RGBPicture) throws(FacesError) -> EyePoints {
    var eyes = FacesEyes()
    try picture.withPicture { source throws(FacesError) in
      try handle.withLock { finder throws(FacesError) in
        try checked { faces_eyes(finder.pointer, source, box.c, &eyes, $0) }
      }
    }
    return EyePoints(eyes)
  }

  /// The eyes of the face in `box` of a lent picture.
  package func eyes(of box: PixelBox, in picture: PictureView) throws(FacesError) -> EyePoints {
    var eyes = FacesEyes()
    try handle.withLock { finder throws(FacesError) in
      try checked { faces_eyes(finder.pointer, picture.picture, box.c, &eyes, $0) }
    }
    return EyePoints(eyes)
  }

  private func find(in source: FacesPicture, _ side: Int) throws(FacesError) -> [FoundFace] {
    var found = [FacesFound](repeating: FacesFound(), count: FaceFinder.maximumFaces)
    var count: Int32 = 0
    try handle.withLock { finder throws(FacesError) in
      try checked {
        faces_find(
          finder.pointer, source, Int32(clamping: side), &found, Int32(found.count), &count, $0)
      }
    }
    return found.prefix(Int(count)).map {
      FoundFace(box: PixelBox($0.box), view: HeadView($0.view), score: $0.score)
    }
  }
}

extension RGBPicture {
  /// How sharp `box` is: the variance of its lightness' Laplacian with the box brought to 160
  /// pixels across. A focused face has some hundreds, a smear less than ten.
  package func sharpness(in box: PixelBox) throws(FacesError) -> Double {
    var sharpness = 0.0
    try withPicture { source throws(FacesError) in
      try checked { faces_sharpness(source, box.c, &sharpness, $0) }
    }
    return sharpness
  }

  /// Blends `face` over this picture's face, eyes onto eyes, and returns the mask's box: nothing
  /// outside it changes.
  ///
  /// Colours follow this picture's skin within bounds; the mask ends below the hairline and leaves
  /// out hair that falls into the face. Throws `.nothingToBlend` when no pixel is left to replace.
  package mutating func blend(
    _ face: RGBPicture, from faceEyes: EyePoints, to eyes: EyePoints
  ) throws(FacesError) -> PixelBox {
    var touched = FacesBox()
    try withCanvas { scene throws(FacesError) in
      try face.withPicture { source throws(FacesError) in
        try checked { faces_blend(scene, eyes.c, source, faceEyes.c, &touched, $0) }
      }
    }
    return PixelBox(touched)
  }
}
