/// A WebP without the EXIF that libvips puts into every one, also where it is asked for none: some 190
/// bytes, which say nothing that the file's header does not. Source: RFC 9649.
enum BareWebP {
  private static let exif: UInt8 = 0x08

  /// The same picture without EXIF, and without the extended header where nothing else needs it; nil where
  /// the file is not as libvips writes it.
  static func bytes(_ file: [UInt8]) -> [UInt8]? {
    guard file.count > 30, name(file, 0) == "RIFF", name(file, 8) == "WEBP",
      name(file, 12) == "VP8X", length(file, 16) == 10
    else { return nil }
    var flags = file[20]
    guard flags & exif != 0 else { return nil }
    flags &= ~exif
    var pictures: [UInt8] = []
    var place = 30
    while place < file.count {
      guard place + 8 <= file.count else { return nil }
      let next = place + 8 + length(file, place + 4) + length(file, place + 4) % 2
      guard next <= file.count else { return nil }
      if name(file, place) != "EXIF" { pictures += file[place..<next] }
      place = next
    }
    var body = Array("WEBP".utf8)
    if flags != 0 {
      body += file[12..<30]
      body[4 + 8] = flags
    }
    body += pictures
    return Array("RIFF".utf8)
      + (0..<4).map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) } + body
  }

  private static func name(_ file: [UInt8], _ place: Int) -> String {
    String(decoding: file[place..<place + 4], as: UTF8.self)
  }

  private static func length(_ file: [UInt8], _ place: Int) -> Int {
    file[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
