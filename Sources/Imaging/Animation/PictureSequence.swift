import Core

/// How many pictures a moving AVIF or HEIF has, of which libheif decodes the still one only.
/// Source: ISO/IEC 14496-12 (boxes) and 23008-12, section 7 (image sequences: a track of handler
/// `pict`).
struct PictureSequence {
  /// How many pictures the longest sequence of the file has.
  let count: Int

  /// Reads the boxes of `file`; nil for one without a sequence.
  init?(_ file: SourceFile) throws(SwaplineError) {
    let bytes = try FileBytes(file.path)
    let whole = 0..<Int(file.size)
    guard let movie = Self.boxes("moov", in: whole, bytes).first else { return nil }
    let counts = Self.boxes("trak", in: movie, bytes).compactMap { track -> Int? in
      guard let media = Self.boxes("mdia", in: track, bytes).first,
        let handler = Self.boxes("hdlr", in: media, bytes).first,
        bytes.bytes(handler.lowerBound + 8, 4)?.is("pict", at: 0) == true,
        let table = Self.boxes("minf", in: media, bytes).first.flatMap({
          Self.boxes("stbl", in: $0, bytes).first
        }),
        let sizes = Self.boxes("stsz", in: table, bytes).first,
        let head = bytes.bytes(sizes.lowerBound, 12)
      else { return nil }
      return head.big(8, 4)
    }
    guard let most = counts.max(), most > 1 else { return nil }
    count = most
  }

  /// The contents of the boxes named `name` that stand in `place` one after the other.
  private static func boxes(
    _ name: String, in place: Range<Int>, _ bytes: FileBytes
  ) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var offset = place.lowerBound
    // As many as no sound file has.
    for _ in 0..<10_000 {
      guard offset + 8 <= place.upperBound, let head = bytes.bytes(offset, 8) else { break }
      var (length, start) = (head.big(0, 4), 8)
      if length == 1, let long = bytes.bytes(offset + 8, 8) {
        (length, start) = (long.big(1, 7), 16)
      }
      if length == 0 { length = place.upperBound - offset }
      guard length >= start, length <= place.upperBound - offset else { break }
      if head.is(name, at: 4) { found.append(offset + start..<offset + length) }
      offset += length
    }
    return found
  }
}
