extension MediaFormat {
  /// WebM: Matroska with the document type `webm`.
  public static let webm = MediaFormat(
    name: "webm", mimeType: "video/webm", kinds: [.video], holdsAlpha: true,
    signature: { $0.isMatroska(documentType: "webm") })
}

extension [UInt8] {
  /// Whether an EBML header (RFC 8794) stands here and names `documentType`.
  func isMatroska(documentType: StaticString) -> Bool {
    guard starts(with: [0x1A, 0x45, 0xDF, 0xA3]) else { return false }
    return (4..<Swift.max(5, count)).contains { has(documentType, at: $0) }
  }
}
