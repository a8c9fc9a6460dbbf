import CFaces
import Synchronization

/// What finds faces: a detector and a network that tells a face's points. Calls wait for one another:
/// make one for each thread.
package final class FaceFinder: Sendable {
  /// The pointer may pass from thread to thread because it never leaves the lock around it, and
  /// the C side keeps nothing that belongs to a thread.
  private struct Handle: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private let handle: Mutex<Handle>

  /// The most faces that are told of one picture.
  package static let maximumFaces = 256

  /// Makes a finder from two networks in ONNX; throws `.network` when one cannot be read.
  package init(detector: [UInt8], mesh: [UInt8]) throws(FacesError) {
    var made: OpaquePointer?
    try detector.withUnsafeBufferPointer { detector throws(FacesError) in
      try mesh.withUnsafeBufferPointer { mesh throws(FacesError) in
        guard let first = detector.baseAddress, let second = mesh.baseAddress else {
          throw FacesError(.network, "a network is empty")
        }
        try checked {
          faces_finder_create(
            FacesBytes(start: first, count: detector.count),
            FacesBytes(start: second, count: mesh.count), &made, $0)
        }
      }
    }
    guard let made else { throw FacesError(.failed, "no finder was made") }
    handle = Mutex(Handle(pointer: made))
  }

  deinit {
    handle.withLock { faces_finder_destroy($0.pointer) }
  }

  /// Finds the faces of `picture`, largest first: what both networks take for one.
  ///
  /// A face is found from about a twentieth of a small picture's longest side on; one of more than 640
  /// pixels is looked at in parts too, so that it is found from a thirtieth on.
  ///
  /// `onlyLargest` spares the parts where the whole shows a face that is surely the largest; the first one is
  /// the same, to the pixel.
  package func find(
    in picture: RGBPicture, onlyLargest: Bool = false
  ) throws(FacesError) -> [FoundFace] {
    var found: [FoundFace] = []
    try picture.withPicture { source throws(FacesError) in
      found = try find(in: source, onlyLargest)
    }
    return found
  }

  /// Finds the faces of a lent picture, as `find(in:)` does.
  package func find(in picture: PictureView) throws(FacesError) -> [FoundFace] {
    try find(in: picture.picture, false)
  }

  /// Looks once more at the face that is about where `mesh` says: the same picture at another size, or
  /// the next frame. Its certainty says whether a face is there at all.
  package func look(at mesh: FaceMesh, in picture: RGBPicture) throws(FacesError) -> FoundFace {
    var found: FoundFace?
    try picture.withPicture { source throws(FacesError) in
      found = try look(at: mesh, in: source)
    }
    guard let found else { throw FacesError(.failed, "nothing was looked at") }
    return found
  }

  /// Looks once more at a face of a lent picture.
  package func look(at mesh: FaceMesh, in picture: PictureView) throws(FacesError) -> FoundFace {
    try look(at: mesh, in: picture.picture)
  }

  private func look(at mesh: FaceMesh, in source: FacesPicture) throws(FacesError) -> FoundFace {
    var found = FacesFound()
    var near = mesh.c
    try handle.withLock { finder throws(FacesError) in
      try checked { faces_look(finder.pointer, source, &near, &found, $0) }
    }
    return FoundFace(found)
  }

  /// Lends the finder to C.
  func withPointer(_ body: (OpaquePointer) throws(FacesError) -> Void) throws(FacesError) {
    try handle.withLock { finder throws(FacesError) in try body(finder.pointer) }
  }

  private func find(
    in source: FacesPicture, _ onlyLargest: Bool
  ) throws(FacesError) -> [FoundFace] {
    var found = [FacesFound](repeating: FacesFound(), count: FaceFinder.maximumFaces)
    var count: Int32 = 0
    try handle.withLock { finder throws(FacesError) in
      try checked {
        faces_find(
          finder.pointer, source, onlyLargest, &found, Int32(found.count), &count, $0)
      }
    }
    return found.prefix(Int(count)).map { FoundFace($0) }
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

  /// Two numbers that tell this picture from others. Quick, and no protection against forgers.
  package var fingerprint: [UInt64] {
    var numbers: [UInt64] = [0, 0]
    try? withPicture { source throws(FacesError) in faces_fingerprint(source, &numbers) }
    return numbers
  }
}
