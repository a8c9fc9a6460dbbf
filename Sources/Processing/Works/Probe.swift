import Core

/// Measures `file`. With `decodesFully` every pixel is decoded, so that damage behind the header is
/// found too.
public struct ProbeRequest: MediaWork {
  public typealias Answer = Media
  public static let name = "probe"

  /// The file's absolute path.
  public var file: String
  /// Guards checked at the header.
  public var limits: DecodingGuard
  /// Whether every pixel is decoded.
  public var decodesFully: Bool

  /// A request to measure `file`.
  public init(file: String, limits: DecodingGuard = DecodingGuard(), decodesFully: Bool = false) {
    self.file = file
    self.limits = limits
    self.decodesFully = decodesFully
  }
}

extension MediaService {
  /// Measures a file.
  public func probe(_ request: ProbeRequest) async throws -> Media { try await perform(request) }
}
