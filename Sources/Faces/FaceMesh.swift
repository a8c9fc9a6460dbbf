import CFaces

/// The 468 points of a face, in the order of MediaPipe's face mesh.
package struct FaceMesh: Sendable, Hashable {
  /// How many points there are.
  package static let count = Int(FacesMeshPoints)

  /// x, y and z of each point, in the picture's pixels; z grows away from the camera.
  package var places: [Float]
  /// How sure the network is that a face is there, 0 to 1.
  package var certainty: Double

  /// A mesh of `count * 3` places.
  package init(places: [Float], certainty: Double = 1) {
    precondition(places.count == Self.count * 3, "a mesh has 468 points")
    self.places = places
    self.certainty = certainty
  }

  init(_ mesh: FacesMesh) {
    self.init(places: withUnsafeBytes(of: mesh.places) { Array($0.bindMemory(to: Float.self)) })
    certainty = mesh.score
  }

  var c: FacesMesh {
    var mesh = FacesMesh()
    withUnsafeMutableBytes(of: &mesh.places) { target in
      places.withUnsafeBytes { target.copyMemory(from: $0) }
    }
    mesh.score = certainty
    return mesh
  }

  /// What the points say of the face.
  package var measures: FaceMeasures {
    var measures = FacesMeasures()
    withUnsafePointer(to: c) { faces_mesh_measure($0, &measures) }
    return FaceMeasures(measures)
  }

  /// The same points in a picture that is `scale` times as large.
  package func scaled(by scale: Double) -> FaceMesh {
    // A point's whole numbers are the middles of pixels.
    var copy = self
    for index in places.indices {
      let shift = index % 3 == 2 ? 0 : 0.5
      copy.places[index] = Float((Double(places[index]) + shift) * scale - shift)
    }
    return copy
  }
}

/// What the points of a face say of it.
package struct FaceMeasures: Sendable, Hashable {
  /// The middles between the eyes' corners.
  package var eyes: EyePoints
  /// How far the head is turned to the picture's right, in degrees.
  package var yaw: Double
  /// How far it looks down, in degrees.
  package var pitch: Double
  /// How far it is tilted clockwise, in degrees.
  package var roll: Double
  /// How far the lips stand apart, as a share of the eyes' distance.
  package var openness: Double

  /// A face's measures.
  package init(eyes: EyePoints, yaw: Double, pitch: Double, roll: Double, openness: Double = 0) {
    self.eyes = eyes
    self.yaw = yaw
    self.pitch = pitch
    self.roll = roll
    self.openness = openness
  }

  init(_ measures: FacesMeasures) {
    self.init(
      eyes: EyePoints(measures.eyes), yaw: measures.yaw, pitch: measures.pitch,
      roll: measures.roll, openness: measures.openness)
  }
}
