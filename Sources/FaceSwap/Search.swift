import Core
import Faces
import Imaging
import Processing

/// One face of one picture, with what is needed to judge and to blend it.
struct DecodedFace {
  /// The picture as it was decoded.
  let source: PixelPicture
  /// Its samples.
  let picture: RGBPicture
  /// The face as it was seen.
  let sighting: FaceObservation

  /// The file's name, for messages.
  var name: String { sighting.name }
  /// The face.
  var found: FoundFace { sighting.found }
  /// Its eyes.
  var eyes: EyePoints { sighting.measures.eyes }
}

/// A face as it was seen, without its samples: what there is to judge.
struct FaceObservation {
  /// The file's name, for messages.
  let name: String
  /// The face.
  let found: FoundFace
  /// What its points say.
  let measures: FaceMeasures
  /// Its sharpness, as `RGBPicture.sharpness` measures it.
  let sharpness: Double

  init(name: String, found: FoundFace, measures: FaceMeasures, sharpness: Double) {
    self.name = name
    self.found = found
    self.measures = measures
    self.sharpness = sharpness
  }

  init(name: String, found: FoundFace, sharpness: Double) {
    self.init(name: name, found: found, measures: found.mesh.measures, sharpness: sharpness)
  }
}

/// Decodes pictures and finds faces in them.
struct Search {
  /// The longest side at which a scene is searched: faces of a thirtieth of it are found. It does not
  /// depend on the face that is wanted, so that an index means the same face to every caller.
  static let sceneSide = 1920
  /// The longest side to which the picture of the face to insert is decoded.
  static let maximumFaceSide = 2048

  let engine: LocalSwap
  let limits: DecodingGuard
  let cancellation: Cancellation

  /// The faces of `file` and the size of the upright picture in pixels.
  func scene(_ file: String) throws -> (faces: [FoundFace], size: (width: Int, height: Int)) {
    let media = try engine.imaging.probe(
      ProbeRequest(file: file, limits: limits), cancellation: cancellation)
    let size = (width: media.uprightWidth, height: media.uprightHeight)
    let reduced = try pixels(file, maximumSide: Search.sceneSide)
    return (try faces(of: reduced, size: size, name: name(file)), size)
  }

  /// The faces of the scene under `indices`, at the scene's full size, in that order.
  func sceneFaces(_ file: String, _ indices: [Int]) throws -> [DecodedFace] {
    try checkStill(file, "a moving scene is swapped frame by frame")
    let full = try pixels(file, colors: .asStored)
    // `scene` searches in sRGB and reduced; this one must count alike.
    let isSame = full.profile == nil && max(full.width, full.height) <= Search.sceneSide
    let searched = isSame ? full : try pixels(file, maximumSide: Search.sceneSide)
    let name = name(file)
    // The largest face is the same one whether or not smaller ones are looked for.
    let faces = try faces(
      of: searched, size: (full.width, full.height), name: name, onlyLargest: indices == [0])
    guard !faces.isEmpty else { throw Self.noFace(name) }
    return try indices.map { index in
      guard faces.indices.contains(index) else {
        throw Self.missing(index, of: faces.count, in: name)
      }
      return try subject(name, full, faces[index], isSearched: isSame)
    }
  }

  static func missing(_ index: Int, of count: Int, in name: String) -> SwaplineError {
    let faces = count == 1 ? "one face" : "\(count) faces"
    return SwaplineError(
      .noFace, "\(name) has \(faces), so there is no face \(index): they count from 0.",
      hint: "Use a face index of \(count == 1 ? "0" : "0 to \(count - 1)").")
  }

  /// The largest face of `file`.
  func largestFace(_ file: String) throws -> DecodedFace {
    try checkStill(file, "a face to insert is a still")
    let source = try pixels(file, maximumSide: Search.maximumFaceSide)
    let name = name(file)
    let picture = try picture(source, name)
    let largest = try translatingErrors(of: name) {
      try engine.finders.find(in: picture, onlyLargest: true).first
    }
    guard let largest else { throw Self.noFace(name) }
    return try subject(name, source, largest, isSearched: true)
  }

  private func faces(
    of searched: PixelPicture, size: (width: Int, height: Int), name: String,
    onlyLargest: Bool = false
  ) throws -> [FoundFace] {
    let picture = try picture(searched, name)
    let found = try translatingErrors(of: name) {
      try engine.finders.find(in: picture, onlyLargest: onlyLargest)
    }
    try cancellation.check()
    let scale = Double(size.width) / Double(searched.width)
    return found.map { $0.scaled(by: scale) }
  }

  /// A face with its samples. One that was found in a smaller copy is looked at once more.
  private func subject(
    _ name: String, _ source: PixelPicture, _ found: FoundFace, isSearched: Bool
  ) throws -> DecodedFace {
    let picture = try picture(source, name)
    return try translatingErrors(of: name) {
      var found = found
      if !isSearched {
        let closer = try engine.finders.lend { try $0.look(at: found.mesh, in: picture) }
        found.mesh = closer.mesh
      }
      let sharpness = try picture.sharpness(in: found.box)
      return DecodedFace(
        source: source, picture: picture,
        sighting: FaceObservation(name: name, found: found, sharpness: sharpness))
    }
  }

  private func pixels(
    _ file: String, colors: PixelColors = .sRGB, maximumSide: Int? = nil
  ) throws -> PixelPicture {
    let picture = try engine.imaging.pixels(
      of: file, limits: limits, colors: colors, maximumSide: maximumSide,
      cancellation: cancellation)
    try cancellation.check()
    return picture
  }

  private func picture(_ source: PixelPicture, _ name: String) throws -> RGBPicture {
    try translatingErrors(of: name) {
      try RGBPicture(width: source.width, height: source.height, samples: source.rgb)
    }
  }

  private func checkStill(_ file: String, _ reason: String) throws {
    let media = try engine.imaging.probe(
      ProbeRequest(file: file, limits: limits), cancellation: cancellation)
    guard media.kind == .image else {
      throw SwaplineError(
        .unsupported, "\(name(file)) has \(media.frames) frames; \(reason).",
        hint: "Use a still picture here.")
    }
  }

  static func noFace(_ name: String) -> SwaplineError {
    SwaplineError(
      .noFace, "The local engine finds no face in \(name).",
      hint: "Use a picture in which a face looks at the camera and is not covered.")
  }

  private func name(_ file: String) -> String {
    file.split(separator: "/").last.map(String.init) ?? file
  }
}
