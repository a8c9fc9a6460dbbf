import Core
import GIF
import Processing
import Vips

/// A picture file whose header was read and found to be within the guards; nothing is decoded.
struct Header {
  /// The file.
  let file: SourceFile
  /// The loader of libvips that its format asks for; nil for a GIF or BMP, which it does not read.
  let loader: Loader?
  /// Columns of stored pixels.
  let width: Int
  /// Rows of stored pixels of one frame.
  let height: Int
  /// Frames of an animation; 1 for a still picture.
  let frames: Int
  /// Pages of a document-like file such as TIFF, of which the first one is the picture.
  let pages: Int
  /// Frames of a moving AVIF or HEIF, of which the first one is the picture.
  let sequence: Int
  /// Each frame's delay in milliseconds.
  let delays: [Int]?
  /// How often an animation is played; 0 is for ever. Nil for stills.
  let loops: Int?
  /// What the file says of its frames, where it is of a kind that may move; it may have but one.
  let table: FrameTable?
  /// The blocks of a GIF; nil for every other format.
  let gif: GIFFacts?
  /// The frames of an animated PNG.
  let png: AnimatedPNG?
  /// What reading showed that a person should know.
  let remarks: [String]
  /// EXIF orientation, 1 to 8.
  let orientation: Int
  /// Whether a pixel may be clear: because of an opacity channel, or of how frames follow another.
  let hasAlpha: Bool
  /// Bits a sample.
  let bitDepth: Int
  /// How the samples are to be understood.
  let space: ColorSpace
  /// The embedded ICC profile's bytes.
  let profileBytes: [UInt8]?
  /// What is known of that profile.
  let profile: ICCProfile?
  /// What the file says of whose it is and how it came to be; nil where it says nothing.
  let rights: Rights?
  /// What a sample is.
  let sampleKind: Image.SampleKind
  /// The layout of a TIFF; nil for every other format.
  let tiff: TIFFStructure?
  /// How many samples of a pixel are colours; the others are opacity or something else.
  let colors: Int
  /// The number of the sample that is opacity; nil for an opaque picture.
  let alphaBand: Int?
  /// How many samples a pixel has.
  let bands: Int
  /// The colours of a HEIC or AVIF without a profile, where it names them.
  let coded: CodedColors?
  /// Whether a HEIC or AVIF has its colours multiplied by their opacity.
  let isPremultiplied: Bool
  /// A JPEG that lacks its end marker, with one; nil for every other file.
  let completed: CompletedJPEG?
  /// The kinds of metadata that go with the picture, such as `EXIF`.
  let metadata: [String]

  /// Reads the header of the file at `path`.
  static func read(_ path: String, limits: DecodingGuard) throws -> Header {
    let file = try SourceFile(path, limits: limits)
    guard file.format != .bmp else {
      // Looked at before memory is taken for it.
      if let size = Bitmap.size(file.head) { try check(size, file.name, limits) }
      return Header(file, nil, try Bitmap.open(file, cancellation: Cancellation()))
    }
    if file.format == .gif {
      let header = try Header(gif: file, limits)
      try header.check(limits)
      return header
    }
    // Before libvips, which does not say where an animation ends or what of it is there.
    let png = file.format == .png ? try AnimatedPNG(file, limit: limits.maximumFrames) : nil
    let webp = file.format == .webp ? try AnimatedWebP(file, limit: limits.maximumFrames) : nil
    let loader = try file.format.installedLoader(for: file.name)
    let tiff = file.format == .tiff ? TIFFStructure(path) : nil
    if let flaw = tiff?.flaw, flaw.kind == .unsupported { throw file.unreadable(flaw) }
    let image = try file.reading {
      try Image.open(path, with: loader, cancellation: Cancellation())
    }
    if loader == .jpeg, image.bands == 2 || image.bands > 4 {
      throw file.unreadable(Flaw(.unsupported, "a JPEG of \(image.bands) components"))
    }
    let completed = file.format == .jpg ? try CompletedJPEG(file) : nil
    let sequence = loader == .heif ? try PictureSequence(file)?.count : nil
    let header = Header(
      file, loader, image, png: png, table: png?.table ?? webp?.table, sequence: sequence ?? 1,
      tiff: tiff, completed: completed)
    try header.check(limits)
    return header
  }

  /// Whether the picture is composed here from a file's frames: red, green, blue and opacity of 8 bits.
  ///
  /// libvips would show the picture of an animated PNG that is none of its frames, and a WebP without
  /// the opacity that its header does not announce.
  var isComposed: Bool {
    gif != nil || png?.hidesPicture == true || table != nil && file.format == .webp
  }

  /// The picture, decoded when its pixels are asked for; of an animation the first frame.
  ///
  /// In a JPEG `strictness` decides whether a flaw that loses pixels passes.
  func open(
    shrink: Int = 1, strictness: Strictness = .errors, cancellation: Cancellation
  ) throws -> Image {
    if isComposed { return try firstFrame(cancellation: cancellation) }
    guard let loader else { return try Bitmap.open(file, cancellation: cancellation) }
    if let completed {
      // What is missing shows as a warning only.
      return try Image.open(
        jpeg: completed.bytes, shrink: shrink, strictness: .warnings, cancellation: cancellation)
    }
    return try Image.open(
      file.path, with: loader, shrink: shrink,
      strictness: loader == .jpeg ? strictness : .errors, cancellation: cancellation)
  }

  private init(gif file: SourceFile, _ limits: DecodingGuard) throws {
    let facts: GIFFacts
    do {
      facts = try GIFFacts(file.path, limit: limits.maximumFrames)
    } catch {
      throw FrameSource.translated(error, file)
    }
    self.file = file
    loader = nil
    (width, height) = (facts.width, facts.height)
    frames = facts.delays.count
    pages = 1
    sequence = 1
    delays = frames > 1 ? facts.delays : nil
    loops = frames > 1 ? facts.plays : nil
    table = FrameTable(
      width: facts.width, height: facts.height, delays: facts.delays, plays: facts.plays,
      mayBeClear: facts.mayBeClear, remarks: facts.remarks)
    gif = facts
    png = nil
    remarks = facts.remarks
    orientation = 1
    hasAlpha = facts.mayBeClear
    sampleKind = .unsigned
    tiff = nil
    completed = nil
    coded = nil
    isPremultiplied = false
    colors = 3
    bands = facts.mayBeClear ? 4 : 3
    alphaBand = facts.mayBeClear ? 3 : nil
    bitDepth = 8
    space = .rgb
    profileBytes = nil
    profile = nil
    rights = facts.xmp.map { XMPPacket.rights($0) }.flatMap { $0.isEmpty ? nil : $0 }
    metadata = facts.xmp == nil ? [] : ["XMP"]
  }

  private init(
    _ file: SourceFile, _ loader: Loader?, _ image: Image, png: AnimatedPNG? = nil,
    table: FrameTable? = nil, sequence: Int = 1, tiff: TIFFStructure? = nil,
    completed: CompletedJPEG? = nil
  ) {
    self.file = file
    self.loader = loader
    width = image.width
    height = image.height
    frames = table?.delays.count ?? 1
    pages = table == nil ? image.pages : 1
    self.sequence = sequence
    delays = frames > 1 ? table?.delays : nil
    loops = frames > 1 ? table?.plays : nil
    self.table = table
    gif = nil
    self.png = png
    remarks =
      (table?.remarks ?? [])
      + (sequence > 1
        ? ["\(sequence) frames, of which the first one is read"]
        : pages > 1 ? ["\(pages) pages, of which the first one is read"] : [])
    orientation = (1...8).contains(image.orientation) ? image.orientation : 1
    (self.tiff, self.completed) = (tiff, completed)
    let boxes = loader == .heif ? BoxStructure(file.path) : nil
    coded = image.profile == nil ? boxes?.colors : nil
    isPremultiplied = boxes?.isPremultiplied == true
    bands = image.isPackedLab ? 3 : image.bands
    colors = min(bands, tiff?.colors ?? image.space.colors ?? bands)
    alphaBand = Self.alphaBand(behind: colors, of: bands, tiff, image.hasAlpha)
    // libvips takes every WebP that moves for one with opacity.
    let isWebP = table != nil && file.format == .webp
    hasAlpha = alphaBand != nil && !isWebP || table?.mayBeClear == true
    // libvips unpacks samples of fewer than 8 bits.
    bitDepth = tiff.map { max(8, $0.bits.first ?? 8) } ?? image.bitDepth
    sampleKind = image.sampleKind
    space = image.space
    profileBytes = image.profile
    profile = profileBytes.flatMap { ICCProfile($0) }
    let packet = image.xmp.map { XMPPacket.rights($0) }
    let rights = (packet ?? Rights()).filled(
      from: Rights(copyright: image.exif("Copyright"), creator: image.exif("Artist")))
    self.rights = rights.isEmpty ? nil : rights
    let fields = Set(image.metadata)
    metadata = [
      ("exif-data", "EXIF"), ("xmp-data", "XMP"), ("iptc-data", "IPTC"),
      ("photoshop-data", "Photoshop"),
    ].filter { fields.contains($0.0) }.map(\.1)
  }

  /// Which sample is the opacity: in a TIFF the first that is said to be, or the only one.
  private static func alphaBand(
    behind colors: Int, of bands: Int, _ tiff: TIFFStructure?, _ hasAlpha: Bool
  ) -> Int? {
    guard bands > colors else { return nil }
    guard let tiff else { return hasAlpha ? bands - 1 : nil }
    if let said = tiff.extras.firstIndex(where: { $0 == 1 || $0 == 2 }) {
      return colors + said < bands ? colors + said : nil
    }
    return bands == colors + 1 ? colors : nil
  }

  private static func check(_ size: Size, _ name: String, _ limits: DecodingGuard) throws {
    let (pixels, overflows) = size.width.multipliedReportingOverflow(by: size.height)
    guard !overflows, pixels <= limits.maximumPixels else {
      throw SwaplineError(
        .limit,
        "\(name) has \(size.text) pixels, more than the \(limits.maximumPixels) allowed.",
        hint: DecodingGuard.pixelsHint)
    }
  }

  private func check(_ limits: DecodingGuard) throws {
    try Self.check(Size(width, height), file.name, limits)
    guard (gif?.largestFrame ?? 0) <= limits.maximumPixels else {
      throw SwaplineError(
        .limit,
        "\(file.name) has a frame of \(gif?.largestFrame ?? 0) pixels, more than the "
          + "\(limits.maximumPixels) allowed.",
        hint: DecodingGuard.pixelsHint)
    }
    guard frames <= limits.maximumFrames else {
      throw SwaplineError(
        .limit, "\(file.name) has \(frames) frames, more than the \(limits.maximumFrames) allowed.",
        hint: "Use a shorter animation.")
    }
  }

  /// How the samples are to be understood, in the words of `Media`.
  var colorModel: ColorModel {
    switch space {
    case .rgb, .rgb16, .linear: .rgb
    case .gray, .gray16: .gray
    case .cmyk: .cmyk
    case .lab, .other: .other
    }
  }

  /// The name of the embedded profile; nil without one.
  var profileName: String? {
    profileBytes == nil ? coded?.name : profile?.name ?? "unreadable profile"
  }

  /// What a sample is, in words.
  var sampleText: String {
    sampleKind == .float ? "\(bitDepth)-bit floating point" : "\(bitDepth) bits"
  }

  /// Whether the stored samples are what is worked on: sRGB with or without opacity, or untagged gray
  /// without it, of 8 bits.
  var isPlain: Bool {
    guard isSRGB, bitDepth == 8, tiff?.isYCbCr != true, coded?.isNarrowGray != true,
      !isPremultiplied
    else {
      return false
    }
    return space == .rgb && (alphaBand ?? bands) == 3 && bands <= 4 || space == .gray && bands == 1
  }

  /// Whether colours are sRGB, or untagged, which is read as sRGB; gray counts when untagged.
  var isSRGB: Bool {
    guard sampleKind == .unsigned, coded?.toBT709 == nil else { return false }
    return switch space {
    case .rgb, .rgb16: profileBytes == nil || profile?.isSRGB == true
    case .gray, .gray16: profileBytes == nil
    case .cmyk, .linear, .lab, .other: false
    }
  }

  /// Columns as seen.
  var uprightWidth: Int { orientation >= 5 ? height : width }
  /// Rows as seen.
  var uprightHeight: Int { orientation >= 5 ? width : height }
}

extension ColorSpace {
  /// How many samples of a pixel are colours; nil where that is not known.
  fileprivate var colors: Int? {
    switch self {
    case .gray, .gray16: 1
    case .rgb, .rgb16, .linear, .lab: 3
    case .cmyk: 4
    case .other: nil
    }
  }
}
