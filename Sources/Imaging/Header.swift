import Core
import Processing
import Vips

/// A picture file whose header was read and found to be within the guards; nothing is decoded.
struct Header {
  /// The file.
  let file: SourceFile
  /// The loader of libvips that its format asks for; nil for a BMP, which libvips does not read.
  let loader: Loader?
  /// Columns of stored pixels.
  let width: Int
  /// Rows of stored pixels of one frame.
  let height: Int
  /// Frames of an animation; 1 for a still picture.
  let frames: Int
  /// Pages of a document-like file such as TIFF, of which the first one is the picture.
  let pages: Int
  /// Each frame's delay in milliseconds.
  let delays: [Int]?
  /// How often an animation is played; 0 is for ever. Nil for stills.
  let loops: Int?
  /// EXIF orientation, 1 to 8.
  let orientation: Int
  /// Whether there is an opacity channel.
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
  /// The kinds of metadata that go with the picture, such as `EXIF`.
  let metadata: [String]

  /// Reads the header of the file at `path`.
  static func read(_ path: String, limits: DecodingGuard) throws -> Header {
    let file = try SourceFile(path, limits: limits)
    guard file.format != .bmp else {
      // Looked at before libavcodec takes memory for it.
      if let size = Bitmap.size(file.head) { try check(size, file.name, limits) }
      return Header(file, nil, try Bitmap.open(file, interrupt: Interrupt()), limits)
    }
    let loader = try Codec.loader(for: file.format, name: file.name)
    let image = try file.reading {
      try Image.open(path, with: loader, interrupt: Interrupt())
    }
    let header = Header(file, loader, image, limits)
    try header.check(limits)
    return header
  }

  /// The picture, decoded when its pixels are asked for.
  func open(
    allFrames: Bool = false, shrink: Int = 1, interrupt: Interrupt
  ) throws -> Image {
    guard let loader else { return try Bitmap.open(file, interrupt: interrupt) }
    return try Image.open(
      file.path, with: loader, allFrames: allFrames, shrink: shrink, interrupt: interrupt)
  }

  private init(_ file: SourceFile, _ loader: Loader?, _ image: Image, _ limits: DecodingGuard) {
    self.file = file
    self.loader = loader
    width = image.width
    height = image.height
    let apng =
      file.format == .png ? AnimatedPNG(file.path, limit: limits.maximumFrames) : nil
    let hasFrames = loader?.hasFrames == true && image.pages > 1
    frames = apng?.delays.count ?? (hasFrames ? image.pages : 1)
    pages = hasFrames ? 1 : image.pages
    delays = apng?.delays ?? (hasFrames ? image.delays.map { Array($0.prefix(image.pages)) } : nil)
    loops = apng?.plays ?? (hasFrames ? image.loops ?? 1 : nil)
    orientation = (1...8).contains(image.orientation) ? image.orientation : 1
    hasAlpha = image.hasAlpha
    bitDepth = image.bitDepth
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

  private static func check(_ size: Size, _ name: String, _ limits: DecodingGuard) throws {
    let (pixels, overflows) = size.width.multipliedReportingOverflow(by: size.height)
    guard !overflows, pixels <= limits.maximumPixels else {
      throw SwaplineError(
        .limit,
        "\(name) has \(size.text) pixels, more than the \(limits.maximumPixels) allowed.",
        hint: "Use a smaller picture, or raise the limit if you trust the file.")
    }
  }

  private func check(_ limits: DecodingGuard) throws {
    try Self.check(Size(width, height), file.name, limits)
    guard frames <= limits.maximumFrames else {
      throw SwaplineError(
        .limit, "\(file.name) has \(frames) frames, more than the \(limits.maximumFrames) allowed.",
        hint: "Use a shorter animation, or raise the limit if you trust the file.")
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
    profileBytes == nil ? nil : profile?.name ?? "unreadable profile"
  }

  /// Whether colours are sRGB, or untagged, which is read as sRGB; gray counts when untagged.
  var isSRGB: Bool {
    switch space {
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
