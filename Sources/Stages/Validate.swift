import Core
import Pipelines
import Processing

/// Checks scene and face against rules before anything is spent on them.
public struct Validate: Stage {
  /// The shortest either side may be, in pixels.
  public var minimumSide: Int?
  /// Maximum side in pixels.
  public var maximumSide: Int?
  /// The most pixels (width x height).
  public var maximumPixels: Int?
  /// Maximum file size.
  public var maximumSize: ByteSize?
  /// Maximum ratio of the long side to the short side.
  public var maximumAspect: Double?
  /// The formats that are taken, by content; nil takes every one.
  public var formats: [MediaFormat]?
  /// Minimum number of faces in the scene, counted by the local engine.
  public var minimumFaces: Int?
  /// Maximum number of faces in the scene, counted by the local engine.
  public var maximumFaces: Int?
  /// How many faces the face picture must show at least, counted by the local engine.
  public var faceRequired: Bool
  /// Whether every pixel is decoded, so that a truncated file is found here.
  public var complete: Bool

  /// Checks with these rules; what is left out is not checked.
  public init(
    minimumSide: Int? = nil, maximumSide: Int? = nil, maximumPixels: Int? = nil,
    maximumSize: ByteSize? = nil, maximumAspect: Double? = nil, formats: [MediaFormat]? = nil,
    minimumFaces: Int? = nil, maximumFaces: Int? = nil, faceRequired: Bool = false,
    complete: Bool = true
  ) {
    self.minimumSide = minimumSide
    self.maximumSide = maximumSide
    self.maximumPixels = maximumPixels
    self.maximumSize = maximumSize
    self.maximumAspect = maximumAspect
    self.formats = formats
    self.minimumFaces = minimumFaces
    self.maximumFaces = maximumFaces
    self.faceRequired = faceRequired
    self.complete = complete
  }

  /// Checks that the files are whole.
  public init() {
    self.init(minimumSide: nil)
  }

  public static let declaration = StageDeclaration<Validate>(
    "validate",
    "Checks what the files really are: format, dimensions, pixels, aspect, size, faces.",
    example: "validate: { minimum_side: 64, minimum_faces: 1 }",
    parameters: [
      Parameter(
        "minimum_side", \.minimumSide, in: 1...65_535,
        "Minimum side in pixels, of the upright picture."),
      Parameter(
        "maximum_side", \.maximumSide, in: 1...65_535,
        "Maximum side in pixels, of the upright picture."),
      Parameter(
        "maximum_pixels", \.maximumPixels, in: 1...1_000_000_000,
        "Maximum pixels, width times height; above 120000000 it also raises the limit for decoding."
      ),
      Parameter("maximum_size", \.maximumSize, "Maximum file size."),
      Parameter(
        "maximum_aspect", \.maximumAspect, "Maximum ratio of the long side to the short side.",
        schema: ["minimum": 1]
      ) { ratio in ratio.flatMap { $0 >= 1 ? nil : "A long side is at least 1 x the short one." } },
      Parameter("formats", \.formats, "Accepted formats, by content."),
      Parameter(
        "minimum_faces", \.minimumFaces, in: 0...100,
        "Minimum number of faces in the scene, counted by the local engine."),
      Parameter(
        "maximum_faces", \.maximumFaces, in: 0...100,
        "Maximum number of faces in the scene, counted by the local engine."),
      Parameter(
        "face_required", \.faceRequired,
        "Whether the face picture must show a face that the local engine finds."),
      Parameter(
        "complete", \.complete, "Whether every pixel is decoded to find truncated files here."),
    ],
    check: { stage in
      var problems: [String] = []
      if let low = stage.minimumSide, let high = stage.maximumSide, low > high {
        problems.append(
          "'minimum_side' \(low) is above 'maximum_side' \(high): nothing could pass.")
      }
      if let low = stage.minimumFaces, let high = stage.maximumFaces, low > high {
        problems.append(
          "'minimum_faces' \(low) is above 'maximum_faces' \(high): nothing could pass.")
      }
      if stage.formats?.isEmpty == true {
        problems.append("'formats' is empty: nothing could pass.")
      }
      return problems
    })

  public var needs: [StageNeed] { maximumPixels.map { [.pixels($0)] } ?? [] }

  public func run(_ input: Fetched, in context: StageContext) async throws -> Fetched {
    let asset = input.asset
    var broken: [String] = []
    for role in Role.allCases {
      guard let media = asset.media[role] else { continue }
      broken += brokenRules(media).map { "\(role.rawValue): \($0)" }
    }
    guard broken.isEmpty else { throw Self.rejection(broken) }
    if complete {
      for media in Set(asset.media.values) {
        _ = try await context.media.probe(
          ProbeRequest(file: context.folder.file(media), decodesFully: true))
      }
    }
    var faces: Int?
    if minimumFaces != nil || maximumFaces != nil {
      let count = try await count(input.scene, context)
      faces = count
      if let wanted = minimumFaces, count < wanted {
        broken.append("scene: \(Self.faces(count)) found; at least \(wanted) required")
      }
      if let wanted = maximumFaces, count > wanted {
        broken.append("scene: \(Self.faces(count)) found; at most \(wanted) allowed")
      }
    }
    if faceRequired, let face = input.face, try await count(face, context) == 0 {
      broken.append("face: no face found; one is required")
    }
    guard broken.isEmpty else { throw Self.rejection(broken) }
    context.note("every rule met" + (faces.map { ", \(Self.faces($0)) in the scene" } ?? ""))
    return try Fetched(asset)
  }

  private static func faces(_ count: Int) -> String { "\(count) face\(count == 1 ? "" : "s")" }

  private func count(_ media: Media, _ context: StageContext) async throws -> Int {
    try await context.media.findFaces(FindFacesRequest(file: context.folder.file(media))).count
  }

  func brokenRules(_ media: Media) -> [String] {
    var broken: [String] = []
    let (width, height) = (media.uprightWidth, media.uprightHeight)
    let (short, long) = (min(width, height), max(width, height))
    if let minimumSide, short < minimumSide {
      broken.append("\(width)x\(height) pixels; each side must be at least \(minimumSide)")
    }
    if let maximumSide, long > maximumSide {
      broken.append("\(width)x\(height) pixels; each side must be at most \(maximumSide)")
    }
    if let maximumPixels, width * height > maximumPixels {
      broken.append("\(width * height) pixels; at most \(maximumPixels) allowed")
    }
    if let maximumSize, media.size > maximumSize.bytes {
      broken.append("\(ByteSize(bytes: media.size).rounded); at most \(maximumSize) allowed")
    }
    if let maximumAspect, Double(long) > maximumAspect * Double(short) {
      let ratio = (Double(long) / Double(short) * 100).rounded() / 100
      broken.append("aspect ratio \(ratio); at most \(maximumAspect) allowed")
    }
    if let formats, !formats.contains(media.format) {
      let wanted = formats.map(\.name).joined(separator: ", ")
      broken.append("\(media.format); allowed: \(wanted)")
    }
    return broken
  }

  private static func rejection(_ broken: [String]) -> SwaplineError {
    SwaplineError(
      .rejected, broken.joined(separator: "; ") + ".",
      hint: "Give a file that meets the rule, or change 'validate' in the pipeline.")
  }
}

extension Validate: PreviewingStage {
  public func previewChanges(
    _ path: String, as role: Role, settings: [String: String], media: any MediaService
  ) async throws -> [Change] {
    let broken = brokenRules(try await media.probe(ProbeRequest(file: path)))
    guard broken.isEmpty else { throw Self.rejection(broken.map { "\(role.rawValue): \($0)" }) }
    return []
  }
}
