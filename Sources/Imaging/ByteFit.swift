import Core
import Processing
import Vips

/// Encodes a picture in as many bytes as a limit allows: first by quality, then by size.
struct ByteFit {
  let writer: Writer
  let format: MediaFormat
  let limits: MediaLimits
  /// The file's name, for messages.
  let name: String
  /// What the file says of itself.
  var rights: Rights?

  /// What came out.
  struct Result {
    let encoded: EncodedPicture
    let size: Size
    let changes: [Change]
    /// The limit that made the picture smaller; nil when none did.
    let sizeLimit: String?
  }

  /// Quality of files that a provider works on further: the loss cannot be seen.
  var best = 92
  /// Below it the blocks and smears of compression show, so the picture is made smaller instead.
  private let floor = 60
  /// Quality of pictures that had to be made smaller for their bytes.
  private let middle = 75

  /// The encoded picture, at the best quality and size that the limit allows.
  func fit(_ image: Image) throws -> Result {
    let size = Size(image.width, image.height)
    let first = try encode(image, best)
    guard let limit = limits.maximumSize, first.count > limit.bytes else {
      return Result(encoded: first, size: size, changes: [], sizeLimit: nil)
    }
    let reason = limits.reason(.maximumSize)
    if format.encoding?.hasQuality == true, best > floor {
      if let (quality, encoded) = try search(image, limit.bytes) {
        let change = lowered(to: quality, from: first.count, by: encoded.count, reason)
        return Result(encoded: encoded, size: size, changes: [change], sizeLimit: nil)
      }
    }
    return try shrink(image, first.count, limit, reason)
  }

  /// The best quality from `floor` on that fits; nil when none does.
  private func search(_ image: Image, _ limit: Int64) throws -> (Int, EncodedPicture)? {
    var fitting = try encode(image, floor)
    guard fitting.count <= limit else { return nil }
    var low = floor
    var high = best
    while high - low > 1 {
      let middle = (low + high) / 2
      let encoded = try encode(image, middle)
      if encoded.count <= limit {
        low = middle
        fitting = encoded
      } else {
        high = middle
      }
    }
    return (low, fitting)
  }

  private func shrink(
    _ image: Image, _ original: Int, _ limit: ByteSize, _ reason: String
  ) throws -> Result {
    let whole = Size(image.width, image.height)
    var scale = 1.0
    var encoded = try encode(image, middle)
    while encoded.count > limit.bytes {
      // Bytes grow about as pixels do; a step of at least a tenth makes sure that it ends soon.
      scale *= min(0.9, (Double(limit.bytes) / Double(encoded.count)).squareRoot() * 0.98)
      let size = whole.reduced(by: scale)
      guard size.short >= max(limits.minimumSide ?? 1, 16) else { throw hopeless(limit, size) }
      let smaller = try computing { try image.scaled(width: size.width, height: size.height) }
      encoded = try encode(smaller, middle)
    }
    let size = whole.reduced(by: scale)
    let hasQuality = format.encoding?.hasQuality == true
    let change = lowered(to: middle, from: original, by: encoded.count, reason)
    return Result(
      encoded: encoded, size: size, changes: hasQuality ? [change] : [], sizeLimit: reason)
  }

  private func lowered(
    to quality: Int, from original: Int, by bytes: Int, _ reason: String
  ) -> Change {
    Change(
      .quality, from: "quality \(best), \(ByteSize(bytes: Int64(original)))",
      to: "quality \(quality), \(ByteSize(bytes: Int64(bytes)))", reason: reason)
  }

  private func hopeless(_ limit: ByteSize, _ size: Size) -> SwaplineError {
    let least = limits.minimumSide.map { " and sides of \($0) at least" } ?? ""
    return SwaplineError(
      .limit,
      "\(name) cannot be brought within \(limit)\(least): at \(size.text) it is still larger.",
      hint: "Raise 'maximum_size', or allow a format with stronger compression such as webp.")
  }

  private func encode(_ image: Image, _ quality: Int) throws -> EncodedPicture {
    try writer.cancellation.check()
    return try writer.encode(image, as: format, quality: quality, rights: rights)
  }
}
