import Core

/// What a file carries beside its pixels, cut out of its container: a lossless copy in which only
/// what is needed to show it, whose it is, and how it came to be is left.
///
/// What is kept is a list; whatever is not on it goes. Pixels, sound and their times are copied
/// byte for byte. `docs/decisions/privacy.md` says what stays and why.
package struct MetadataStrip {
  /// The kinds of things that are cut, in the order of `PrivateData`; empty where there are none.
  package let removed: [PrivateData]
  /// What was put right on the way.
  package let repairs: [Repair]
  /// Whether the copy would be the very same bytes.
  package let isUnchanged: Bool
  /// The length of the copy.
  package let size: Int64
  /// Whether the file carries a provenance mark (C2PA), which stays as it is.
  package let hasProvenance: Bool

  private let source: FileBytes
  private let assembly: Assembly

  /// Looks through the file at `path`, of `format`, without decoding anything. `rights` are what
  /// its reader found: they are written into the copy where their own form cannot be kept. By
  /// `policy` keep, `removed` is what is in the file and stays, and the copy is only put right.
  ///
  /// Throws `StructureError` where the structure cannot be followed to its end.
  package init(
    of path: String, format: MediaFormat, rights: Rights? = nil, policy: MetadataPolicy = .strip
  ) throws(StructureError) {
    source = try FileBytes(path)
    var findings = Findings()
    let reduced =
      switch format {
      case .jpg: try JPEGStrip(source, rights).assembly(&findings)
      case .png: try PNGStrip(source, rights).assembly(&findings)
      case .webp: try WebPStrip(source, rights).assembly(&findings)
      case .gif: try GIFStrip(source, rights).assembly(&findings)
      case .tiff: try TIFFStrip(source).assembly(&findings)
      case .bmp: try BMPStrip(source).assembly(&findings)
      case .heic, .avif: try ItemStrip(source).assembly(&findings)
      case .mp4, .mov: try MovieStrip(source).assembly(&findings)
      case .mkv, .webm: try MatroskaStrip(source).assembly(&findings)
      default: throw StructureError("\(format) is a format whose metadata Swapline does not know")
      }
    removed = PrivateData.allCases.filter(findings.removed.contains)
    hasProvenance = findings.hasProvenance
    if policy == .keep {
      repairs = findings.repairs.filter(Self.isFault)
      assembly = try Self.mended(source, format, needsIt: !repairs.isEmpty)
      isUnchanged = repairs.isEmpty
    } else {
      repairs = findings.repairs
      assembly = reduced
      isUnchanged = removed.isEmpty && repairs.isEmpty
    }
    size = assembly.size
  }

  private static func isFault(_ repair: Repair) -> Bool {
    switch repair {
    case .endMarker, .checksum: true
    case .firstPicture: false
    }
  }

  /// The file as it is, but for its faults.
  private static func mended(
    _ source: FileBytes, _ format: MediaFormat, needsIt: Bool
  ) throws(StructureError) -> Assembly {
    if needsIt, format == .png { return try PNGStrip(source, nil).mended() }
    var assembly = Assembly()
    var end = source.size
    // An end marker whose second half is missing.
    if needsIt, format == .jpg { while end > 2, try source.byte(end - 1) == 0xFF { end -= 1 } }
    try assembly.copy(0..<end)
    if needsIt { try assembly.write(format == .jpg ? [0xFF, 0xD9] : [0x3B]) }
    return assembly
  }

  /// Writes the copy to `path` and syncs it. `check` is called between pieces and stops it by
  /// throwing; what was written by then is left to the caller.
  package func write(to path: String, check: () throws -> Void = {}) throws {
    try assembly.write(of: source, to: path, check: check)
  }
}

/// What was seen on the way through a file.
struct Findings {
  var removed: Set<PrivateData> = []
  var repairs: [Repair] = []
  var hasProvenance = false

  /// Notes that something of `kind` is cut.
  mutating func cut(_ kind: PrivateData) { removed.insert(kind) }

  /// Notes that a fault is put right, once.
  mutating func mend(_ repair: Repair) {
    if !repairs.contains(repair) { repairs.append(repair) }
  }
}
