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

  /// The picture, at the exact upright size `size` where one is given, else at its own.
  func decode(to size: Size? = nil) throws -> Decoded {
    try decode(for: size) { image in
      guard let size else { return image }
      let stored = header.orientation >= 5 ? size.turned : size
      return try image.scaled(width: stored.width, height: stored.height)
    }
  }

  /// The picture at its own size, or at a fraction of it that is so much larger than `size` that a
  /// later resize has everything that it needs.
  func decode(largerThan size: Size?) throws -> Decoded {
    try decode(for: size) { $0 }
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
      let picture = ScaledDecoder.decode(try header.file.bytes(), eighths: eighths)
    {
      return try Image.fromSamples(
        picture.samples, width: picture.width, height: picture.height, bands: picture.bands,
        cancellation: cancellation
      ).oriented(header.orientation)
    }
    let shrink = [8, 4, 2].first { eighths * $0 <= 8 } ?? 1
    return try header.open(shrink: shrink, strictness: strictness, cancellation: cancellation)
  }

  private func decode(for size: Size?, _ resize: (Image) throws -> Image) throws -> Decoded {
    try header.file.reading {
      try header.passingHarmlessFlaws { strictness in
        try decode(for: size, strictness, resize)
      }
    }
  }

  private func decode(
    for size: Size?, _ strictness: Strictness, _ resize: (Image) throws -> Image
  ) throws -> Decoded {
    let stored = try stored(for: size, strictness)
    let converted =
      keepsProfile ? (image: stored, changes: []) : try ColorConversion(header).apply(to: stored)
    var changes = converted.changes
    // Resized before it is turned: turning needs the whole picture in memory, and less is less.
    var image = try resize(converted.image).inMemory()
    if header.orientation > 1 {
      image = try image.upright().inMemory()
      changes.insert(
        Change(
          .orientation, from: "EXIF orientation \(header.orientation)", to: "upright",
          reason: "the picture is encoded anew, without EXIF"), at: 0)
    }
    return Decoded(image: image, changes: changes + leftBehind, rights: header.rights)
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
          reason: "the picture is encoded anew; metadata can name places and people"))
    }
    return changes
  }
}
