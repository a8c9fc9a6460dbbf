import CFaces
import Synchronization

/// onnxruntime, loaded from a library's file at run time. It stays loaded until the process ends.
package final class NetworkRuntime: Sendable {
  /// The pointer is only read from, and what it points to never changes.
  private struct Handle: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private let handle: Handle
  var pointer: OpaquePointer { handle.pointer }

  /// Loads the library at `path`. Throws `.model` when it is no onnxruntime.
  package init(path: String) throws(FacesError) {
    var made: OpaquePointer?
    try checked { faces_runtime_load(path, &made, $0) }
    guard let made else { throw FacesError(.failed, "nothing was loaded") }
    handle = Handle(pointer: made)
  }

  /// Its version, such as `1.32.0`.
  package var version: String { String(cString: faces_runtime_version(pointer)) }
}

/// A network that the runtime holds, with the two sizes that both kinds have.
private final class LoadedNetwork {
  let pointer: OpaquePointer
  let side: Int
  let length: Int
  // Outlives what it has made.
  private let runtime: NetworkRuntime
  private let destroy: (OpaquePointer) -> Void

  init(
    _ model: [UInt8], _ runtime: NetworkRuntime, destroy: @escaping (OpaquePointer) -> Void,
    create: (FacesBytes, inout OpaquePointer?, inout Int32, inout Int32) throws(FacesError) -> Void
  ) throws(FacesError) {
    var made: OpaquePointer?
    var (side, length): (Int32, Int32) = (0, 0)
    try model.withBytes { bytes throws(FacesError) in
      try create(bytes, &made, &side, &length)
    }
    guard let made else { throw FacesError(.failed, "no network was made") }
    pointer = made
    (self.side, self.length) = (Int(side), Int(length))
    (self.runtime, self.destroy) = (runtime, destroy)
  }

  deinit { destroy(pointer) }
}

/// A network of the user's that tells who somebody is: a picture in, a vector out. Not `Sendable`: one thread
/// at a time.
package final class IdentityNetwork {
  /// Columns and rows of the picture that it takes.
  package var side: Int { network.side }
  /// How many numbers it gives.
  package var length: Int { network.length }
  private let network: LoadedNetwork

  /// A network in ONNX. Throws `.model` with the reason when it is of another form.
  package init(_ model: [UInt8], runtime: NetworkRuntime) throws(FacesError) {
    network = try LoadedNetwork(model, runtime, destroy: { faces_embedder_destroy($0) }) {
      bytes, made, side, length throws(FacesError) in
      try checked { faces_embedder_create(runtime.pointer, bytes, &made, &side, &length, $0) }
    }
  }

  /// The identity of the face that lies by `mesh`: a vector of length 1.
  package func identity(of mesh: FaceMesh, in picture: PictureView) throws(FacesError) -> [Float] {
    var vector = [Float](repeating: 0, count: length)
    var points = mesh.c
    try checked { faces_embedder_embed(network.pointer, picture.picture, &points, &vector, $0) }
    return vector
  }

  /// The vector of `3 * side * side` numbers as they are.
  package func identity(of numbers: [Float]) throws(FacesError) -> [Float] {
    precondition(numbers.count == 3 * side * side, "a picture of another size")
    var vector = [Float](repeating: 0, count: length)
    try checked { faces_embedder_run(network.pointer, numbers, &vector, $0) }
    return vector
  }
}

/// A network of the user's that swaps faces: a picture and an identity in, a picture out. Not `Sendable`: one
/// thread at a time.
package final class SwapNetwork {
  /// Columns and rows of its pictures.
  package var side: Int { network.side }
  /// How many numbers the identity has.
  package var length: Int { network.length }
  private let network: LoadedNetwork

  /// A network in ONNX. Throws `.model` with the reason when it is of another form.
  package init(_ model: [UInt8], runtime: NetworkRuntime) throws(FacesError) {
    network = try LoadedNetwork(model, runtime, destroy: { faces_swapper_destroy($0) }) {
      bytes, made, side, length throws(FacesError) in
      try checked { faces_swapper_create(runtime.pointer, bytes, &made, &side, &length, $0) }
    }
  }

  /// What the network makes of the face of `scene` that lies by `mesh`, and where that face's points lie in
  /// it. `isSigned`: samples go from -1 to 1, else from 0 to 1. `isWide`: the template has room beside the face.
  package func swap(
    _ mesh: FaceMesh, in scene: PictureView, identity: [Float], isSigned: Bool, isWide: Bool
  ) throws(FacesError) -> (picture: RGBPicture, mesh: FaceMesh) {
    precondition(identity.count == length, "an identity of another length")
    var samples = [UInt8](repeating: 0, count: 3 * side * side)
    var points = mesh.c
    var there = FacesMesh()
    let form = FacesSwapForm(is_signed: isSigned, wide: isWide)
    try checked {
      faces_swapper_swap(
        network.pointer, scene.picture, &points, identity, form, &samples, &there, $0)
    }
    return (try RGBPicture(width: side, height: side, samples: samples), FaceMesh(there))
  }

  /// What it gives for `3 * side * side` numbers and an identity as they are.
  package func run(_ numbers: [Float], identity: [Float]) throws(FacesError) -> [Float] {
    precondition(numbers.count == 3 * side * side && identity.count == length)
    var result = [Float](repeating: 0, count: numbers.count)
    try checked { faces_swapper_run(network.pointer, numbers, identity, &result, $0) }
    return result
  }
}

extension [UInt8] {
  fileprivate func withBytes(
    _ body: (FacesBytes) throws(FacesError) -> Void
  ) throws(FacesError) {
    try withUnsafeBufferPointer { buffer throws(FacesError) in
      guard let first = buffer.baseAddress else { throw FacesError(.model, "the file is empty") }
      try body(FacesBytes(start: first, count: buffer.count))
    }
  }
}
