import Core

/// A BMP without what stands behind its pixels and profile.
///
/// Source: Microsoft's BITMAPV5HEADER.
struct BMPStrip {
  private let source: FileBytes

  init(_ source: FileBytes) {
    self.source = source
  }

  /// The picture without what is private.
  func assembly(_ findings: inout Findings) throws(StructureError) -> Assembly {
    let head = try source.bytes(0, 18)
    let header = Int(Self.number(head[14..<18]))
    let pixels = Int64(Self.number(head[10..<14]))
    let all = Int64(14 + header)
    guard head.starts(with: "BM".utf8), header >= 12, header <= 4_096, pixels >= all,
      pixels <= source.size
    else { throw StructureError("the header of the BMP is of an unknown kind") }
    let info = try source.bytes(14, header)
    let isOld = header < 40
    func field(_ place: Int, _ count: Int) -> Int64 {
      place + count <= info.count ? Int64(Self.number(info[place..<place + count])) : 0
    }
    let width = isOld ? field(4, 2) : Int64(Int32(truncatingIfNeeded: field(4, 4)))
    let height = isOld ? field(6, 2) : Int64(Int32(truncatingIfNeeded: field(8, 4))).magnitude64
    let bits = isOld ? field(10, 2) : field(14, 2)
    let compression = isOld ? 0 : field(16, 4)
    guard width > 0, height > 0, width < 1 << 24, height < 1 << 24, bits > 0, bits <= 64,
      [0, 1, 2, 3, 6].contains(compression)
    else { throw StructureError("the pixels of the BMP are stored in an unknown way") }
    let row = (width * bits + 31) / 32 * 4
    let stored = compression == 1 || compression == 2 ? field(20, 4) : row * height
    guard stored > 0 else { throw StructureError("the length of the BMP's pixels is not said") }
    var patches = Patches()
    var kept = [0..<all, pixels..<min(source.size, pixels + stored)]
    // Colours stand behind the header: masks, or a table.
    let colors = isOld ? 0 : field(32, 4)
    let table =
      bits <= 8 ? (colors == 0 ? 1 << bits : min(colors, 256)) * (isOld ? 3 : 4) : colors * 4
    kept.append(all..<min(pixels, all + table + (compression == 3 || compression == 6 ? 16 : 0)))
    if header >= 124 {
      let profile = (place: 14 + field(112, 4), length: field(116, 4))
      let isEmbedded = field(56, 4) == 0x4D42_4544
      if isEmbedded, profile.length > 0, profile.place + profile.length <= source.size {
        kept.append(profile.place..<profile.place + profile.length)
      } else if field(56, 4) == 0x4C49_4E4B {
        // The name of a file on somebody's disk.
        findings.cut(.other)
        try patches.put(Array("BGRs".utf8), at: 14 + 56)
        try patches.put([UInt8](repeating: 0, count: 8), at: 14 + 112)
      }
    }
    let ranges = merged(kept)
    let end = ranges.last?.upperBound ?? source.size
    for gap in gaps(of: ranges, in: 0..<source.size) where try !source.isBlank(gap) {
      findings.cut(.leftover)
      try patches.blank(gap)
    }
    if findings.removed.contains(.leftover), end < source.size {
      patches.end = end
      try patches.put(Self.bytes(UInt64(end)), at: 2)
    }
    return try patches.assembly(source.size)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func bytes(_ number: UInt64) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

extension Int64 {
  fileprivate var magnitude64: Int64 { self < 0 ? -self : self }
}
