import CTurboJPEG

/// What libjpeg-turbo says first when it decodes a JPEG that is not flawless.
package enum JPEGWarning: Equatable, Sendable {
  /// Nothing: the picture is flawless.
  case none
  /// Something that loses no pixels, such as bytes between two segments.
  case harmless(String)
  /// Something that does, or an error.
  case loss(String)

  /// Decodes `bytes`, at an eighth of their size, and listens.
  package init(_ bytes: [UInt8]) {
    guard let handle = tjInitDecompress() else {
      self = .loss("libjpeg-turbo cannot be started")
      return
    }
    defer { tjDestroy(handle) }
    var (width, height, subsampling, space) = (Int32(0), Int32(0), Int32(0), Int32(0))
    let size = UInt(bytes.count)
    func said() -> String { String(cString: tjGetErrorStr2(handle)) }
    func isWarning() -> Bool { tjGetErrorCode(handle) == TJERR_WARNING.rawValue }
    guard
      tjDecompressHeader3(handle, bytes, size, &width, &height, &subsampling, &space) == 0
        || isWarning(), width > 0, height > 0
    else {
      self = .loss(said())
      return
    }
    let isInk = space == Int32(TJCS_CMYK.rawValue) || space == Int32(TJCS_YCCK.rawValue)
    let format = isInk ? TJPF_CMYK.rawValue : TJPF_RGB.rawValue
    let (columns, rows) = ((Int(width) + 7) / 8, (Int(height) + 7) / 8)
    var samples = [UInt8](repeating: 0, count: columns * rows * (isInk ? 4 : 3))
    let status = tjDecompress2(
      handle, bytes, size, &samples, Int32(columns), 0, Int32(rows),
      Int32(bitPattern: UInt32(format)), TJFLAG_LIMITSCANS)
    guard status != 0 else {
      self = .none
      return
    }
    let words = said()
    // jerror.h of libjpeg-turbo; every other warning tells of lost or wrong pixels.
    let harmless = [
      "extraneous bytes before marker", "Invalid SOS parameters", "unknown JFIF revision",
      "Unknown Adobe color transform",
    ]
    self =
      isWarning() && harmless.contains { words.contains($0) } ? .harmless(words) : .loss(words)
  }
}
