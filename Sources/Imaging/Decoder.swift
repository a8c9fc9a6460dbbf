import Core
import Processing
import Vips

/// A picture in memory: upright, 8 bits a sample, sRGB or untagged gray without opacity.
struct Decoded {
  /// The pixels; reading them needs no file any more.
  let image: Image
  /// What decoding changed, except for size.
  var changes: [Change]
  /// What the file says of whose it is and how it came to be.
  var rights: Rights?
}

/// Decodes a file once.
struct Decoder {
  let header: Header
  let interrupt: Interrupt
  /// Whether colours stay as they are stored.
  var keepsProfile = false

  /// The picture, at the exact upright size `size` where one is given, else at its own.
  func decode(to size: Size? = nil) throws -> Decoded {
    try decode(shrink: shrink(for: size)) { image in
      guard let size else { return image }
      let stored = header.orientation >= 5 ? size.turned : size
      return try image.resized(width: stored.width, height: stored.height)
    }
  }

  /// The picture at its own size, or at a fraction of it that has at least twice the sides of
  /// `size`, which leaves a later resize everything that it needs.
  func decode(atLeastTwice size: Size?) throws -> Decoded {
    try decode(shrink: shrink(for: size)) { $0 }
  }

  /// The halvings that the JPEG loader can do while it decodes, each a quarter of the work.
  private func shrink(for size: Size?) -> Int {
    guard header.loader == .jpeg, let size else { return 1 }
    let room = min(
      Double(header.uprightWidth) / Double(size.width),
      Double(header.uprightHeight) / Double(size.height))
    return [8, 4, 2].first { Double($0 * 2) <= room } ?? 1
  }

  private func decode(shrink: Int, _ resize: (Image) throws -> Image) throws -> Decoded {
    try header.file.reading {
      let stored = try Image.open(
        header.file.path, with: header.loader, shrink: shrink, interrupt: interrupt)
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
  }

  /// What the new picture does not carry over.
  private var leftBehind: [Change] {
    var changes: [Change] = []
    if header.frames > 1 {
      changes.append(
        Change(
          .frames, from: "\(header.frames) frames", to: "the first frame",
          reason: "the rendition is a still picture"))
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
          to: header.rights == nil ? "none" : "copyright, creator and kind of source only",
          reason: "the picture is encoded anew; metadata can name places and people"))
    }
    return changes
  }
}
