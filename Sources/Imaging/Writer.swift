import Containers
import Core
import Processing
import Vips

/// Encodes pictures and puts the files in their place.
struct Writer {
  let cancellation: Cancellation
  /// Whether files are on the disk when they are written.
  var syncs = true

  /// The encoded picture, without metadata except for an ICC profile and rights where they are given.
  func encode(
    _ image: Image, as format: MediaFormat, quality: Int? = nil, profile: [UInt8]? = nil,
    rights: Rights? = nil, isQuick: Bool = false
  ) throws -> EncodedPicture {
    guard let encoding = format.encoding else {
      throw SwaplineError(
        .unsupported, "Swapline does not write \(format).",
        hint: "Choose \(MediaFormat.writable.map(\.name).joined(separator: ", ")).")
    }
    let limit = format.maximumSide
    guard max(image.width, image.height) <= limit else {
      throw SwaplineError(
        .limit,
        "A picture of \(image.width)x\(image.height) pixels does not fit into \(format), whose "
          + "sides have \(limit) at most.",
        hint: "Ask for a smaller one, or for another format.")
    }
    if format == .png, profile == nil, image.isEightBit, (1...4).contains(image.bands) {
      let bytes = try computing {
        try image.withSamples { samples in
          PNGEncoder.encode(
            samples, width: image.width, height: image.height, bands: image.bands,
            xmp: rights.flatMap { XMPPacket.bytes($0) },
            level: isQuick ? PNGEncoder.quickLevel : PNGEncoder.usualLevel)
        }
      }
      if let bytes { return EncodedPicture(bytes) }
    }
    // libvips would write EXIF of its own into a JPEG, and strips the profile together with it.
    let xmp = rights.flatMap { XMPPacket.bytes($0) }
    let isBare = profile == nil && xmp == nil
    let options = [
      encoding.options(quality ?? encoding.defaultQuality), isBare ? "strip=true" : "",
    ]
    let encoded = try computing {
      // The saver comes with the loader.
      _ = try format.isRead
      return try image.withoutMetadata(profile: profile, xmp: xmp).encoded(
        suffix: encoding.suffix, options: options.filter { !$0.isEmpty }.joined(separator: ","))
    }
    guard format == .webp, isBare else { return encoded }
    return encoded.withBytes { BareWebP.bytes(Array($0)) }.map { EncodedPicture($0) } ?? encoded
  }

  /// Writes the file and measures what was written.
  ///
  /// `base` is the name that the request gave, where `output` has an extension added to it.
  func write(_ picture: EncodedPicture, to output: String, base: String? = nil) throws -> Media {
    try cancellation.check()
    try picture.withBytes { try PartialFile.write($0, to: output, base: base, syncs: syncs) }
    // Read from memory, what is written costs no second opening of the file.
    if let media = picture.withBytes({ PlainPicture.media(of: Array($0)) }) { return media }
    return try Prober(cancellation: Cancellation()).probe(ProbeRequest(file: output, limits: .open))
  }
}
