/// Finds the faces of `file`, whose longest side is reduced for the search when it is very large.
/// The answer has the largest face first.
public struct FindFacesRequest: MediaWork {
  public typealias Answer = [FaceBox]
  public static let name = "find_faces"

  /// The file's absolute path.
  public var file: String
  /// Guards checked at the header.
  public var limits: DecodingGuard

  /// A request to find the faces of `file`.
  public init(file: String, limits: DecodingGuard = DecodingGuard()) {
    self.file = file
    self.limits = limits
  }
}

extension MediaService {
  /// Finds the faces of a picture, largest first.
  public func findFaces(_ request: FindFacesRequest) async throws -> [FaceBox] {
    try await perform(request)
  }
}
