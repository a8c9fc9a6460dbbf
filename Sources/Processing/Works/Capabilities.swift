import Core

/// Says what this installation can read and write.
public struct CapabilitiesRequest: MediaWork {
  public typealias Answer = MediaCapabilities
  public static let name = "capabilities"

  /// A question that needs no file.
  public init() {}

  public var file: String { "" }
}

/// What an installation can read and write, as measured there.
public struct MediaCapabilities: Sendable, Hashable, Codable {
  /// The version of libvips.
  public var libvips: String
  /// The formats that it reads.
  public var reads: [MediaFormat]
  /// The formats that it writes.
  public var writes: [MediaFormat]

  /// What an installation can do.
  public init(libvips: String, reads: [MediaFormat], writes: [MediaFormat]) {
    self.libvips = libvips
    self.reads = reads
    self.writes = writes
  }
}

extension MediaService {
  /// Says what the installation behind the service can read and write.
  public func capabilities() async throws -> MediaCapabilities {
    try await perform(CapabilitiesRequest())
  }
}
