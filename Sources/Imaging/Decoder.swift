import Core
import Processing
import TurboJPEG
import Vips

/// A picture in memory: upright, 8 bits a sample, sRGB or untagged gray without opacity.
struct Decoded {
  /// The pixels; reading them needs no file any more.
  var image: Image
  /// What decoding changed, except for size.
  var changes: [Change]
  /// What the file says of whose it is and how it came to be.
  var rights: Rights?
}

/// Decodes a file once.
struct Decoder {
  let header: Header
  let cancellation: Cancellation
  /// Whether colours stay as they are stored.
  var keepsProfile = false
  /// The upright size to scale to; nil scales nothing.
  var exactSize: Size?

  /// The picture, at the exact upright size `size` where one is given, else at its own.
  func decode(to size: Size? = nil) throws -> Decoded {
    var decoder = self
    decoder.exactSize = size
    return try decoder.decode(largerThan: size)
  }

  /// The picture at its own size, or at a fraction of it that is so much larger than `size` that a
  /// later resize has everything that it needs.
  func decode(largerThan size: Size?) throws -> Decoded {
    try header.file.reading {
      try header.passingHarmlessFlaws { strictness in
        var decoded = Decoded(
          image: try stored(for: size, strictness), changes: [], rights: header.rights)
        for step in StillSteps.decoding { try step(self, &decoded) }
        return decoded
      }
    }
  }

  /// The eighths of its size at which a JPEG is decoded: a fifth more than is needed, so that the
  /// last step is libvips' and not the coarser one of the decoder.
  private func eighths(for size: Size?) -> Int {
    guard header.loader == .jpeg, let size else { return 8 }
    let scale = max(
      Double(size.width) / Double(header.uprightWidth),
      Double(size.height) / Double(header.uprightHeight))
    return min(8, max(1, Int((scale * 1.2 * 8).rounded(.up))))
  }

  private func stored(for size: Size?, _ strictness: Strictness) throws -> Image {
    let eighths = eighths(for: size)
    if eighths < 8, header.isSRGB,
      let picture = try ScaledDecoder.decode(
        header.file.bytes(), eighths: eighths,
        { width, height, bands, fill in
          try Image.filled(
            width: width, height: height, bands: bands, cancellation: cancellation, fill)
        })
    {
      return try picture.oriented(header.orientation)
    }
    let shrink = [8, 4, 2].first { eighths * $0 <= 8 } ?? 1
    return try header.open(shrink: shrink, strictness: strictness, cancellation: cancellation)
  }

  static func color(_ decoder: Decoder, _ decoded: inout Decoded) throws {
    guard !decoder.keepsProfile else { return }
    let converted = try ColorConversion(decoder.header).apply(to: decoded.image)
    (decoded.image, decoded.changes) = (converted.image, decoded.changes + converted.changes)
  }

  static func scale(_ decoder: Decoder, _ decoded: inout Decoded) throws {
    if let size = decoder.exactSize {
      let stored = decoder.header.orientation >= 5 ? size.turned : size
      decoded.image = try decoded.image.scaled(width: stored.width, height: stored.height)
    }
    decoded.image = try decoded.image.inMemory()
  }

  static func orient(_ decoder: Decoder, _ decoded: inout Decoded) throws {
    guard decoder.header.orientation > 1 else { return }
    decoded.image = try decoded.image.upright().inMemory()
    decoded.changes.insert(
      Change(
        .orientation, from: "EXIF orientation \(decoder.header.orientation)", to: "upright",
        reason: "the picture is re-encoded, without EXIF"), at: 0)
  }

  static func leaveBehind(_ decoder: Decoder, _ decoded: inout Decoded) {
    decoded.changes += decoder.leftBehind
  }

  /// What the new picture does not carry over.
  private var leftBehind: [Change] {
    var changes: [Change] = []
    if header.frames > 1 {
      changes.append(
        Change(
          .frames, from: "\(header.frames) frames", to: "the first frame",
          reason: "the rendition is a still picture"))
    } else if header.sequence > 1 {
      changes.append(
        Change(
          .frames, from: "\(header.sequence) frames", to: "the first frame",
          reason: "animations in \(header.file.format) are read as stills"))
    } else if header.pages > 1 {
      changes.append(
        Change(
          .frames, from: "\(header.pages) pages", to: "the first page",
          reason: "an asset is one picture"))
    }
    if !header.metadata.isEmpty {
      changes.append(
        Change(
          .metadata, from: header.metadata.joined(separator: ", "),
          to: header.rights == nil ? "none" : "copyright, creator, licence and kind of source only",
          reason: "the picture is re-encoded; metadata can name places and people"))
    }
    return changes
  }
}
