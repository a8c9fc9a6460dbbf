/// A file format: how to know it by content, what it can hold, how it is written.
///
/// A format is one file under `Formats/` and one line in `MediaFormat.all`.
public struct MediaFormat: Sendable {
  /// The name in pipeline files, in `asset.json` and as a file extension: `jpg`, `png`, `webp`.
  public let name: String
  /// Other names that are understood when read: `jpeg`.
  public let aliases: [String]
  /// The type in HTTP headers, as registered with IANA.
  public let mimeType: String
  /// The kinds of media that a file of this format may hold.
  public let kinds: Set<MediaKind>
  /// Whether pixels may be transparent.
  public let holdsAlpha: Bool
  /// Whether samples of 16 bits may be stored.
  public let holdsSixteenBits: Bool
  /// What reads its pixels.
  public let reader: Reader
  /// The longest side that a file can store, in pixels.
  public let maximumSide: Int
  /// How stills are written; nil for a format of which none are.
  public let encoding: Encoding?
  /// What an animation of this format can say; nil for one that holds none or is only read.
  public let animation: Animation?

  private let signature: @Sendable (_ head: [UInt8]) -> Bool

  /// What reads the pixels of a format.
  public enum Reader: Sendable, Hashable {
    /// A loader of libvips, by its name there.
    case libvips(String)
    /// A reader of Swapline, because libvips has none that it trusts or none that reads every frame.
    case own
    /// libavformat, as every video.
    case libav
  }

  /// What an animation can say of its frames.
  public struct Animation: Sendable {
    /// The shortest time that a frame is shown, in microseconds.
    public let shortestFrame: Int64
    /// Why it is not shorter.
    public let shortestFrameReason: String
    /// The most plays that a file can ask for, other than for ever.
    public let maximumPlays: Int
    /// Whether pixels may be half transparent.
    public let holdsHalfAlpha: Bool

    /// The bounds of a format's animations. Without others of its own a frame is shown for more than the
    /// 10 ms that browsers take for 100. Source: Blink and WebKit.
    public init(
      maximumPlays: Int, holdsHalfAlpha: Bool = true, shortestFrame: Int64 = 11_000,
      shortestFrameReason: String = "browsers show a frame of 10 ms or less for 100"
    ) {
      self.maximumPlays = maximumPlays
      self.holdsHalfAlpha = holdsHalfAlpha
      self.shortestFrame = shortestFrame
      self.shortestFrameReason = shortestFrameReason
    }
  }

  /// How libvips is told to write a format.
  public struct Encoding: Sendable {
    /// The suffix by which libvips finds its saver.
    public let suffix: String
    /// Whether `quality` changes anything.
    public let hasQuality: Bool
    /// Default quality, 1 to 100, where there is one.
    public let defaultQuality: Int
    /// The saver's options, in libvips' `key=value,key=value` form, for one quality.
    public let options: @Sendable (_ quality: Int) -> String

    /// A way of writing through libvips' saver for `suffix`.
    public init(
      suffix: String, defaultQuality: Int? = nil,
      options: @escaping @Sendable (_ quality: Int) -> String
    ) {
      self.suffix = suffix
      self.hasQuality = defaultQuality != nil
      self.defaultQuality = defaultQuality ?? 100
      self.options = options
    }
  }

  /// A format known by `signature`, which is given the file's first bytes (up to
  /// `MediaFormat.signatureLength`).
  public init(
    name: String, aliases: [String] = [], mimeType: String, kinds: Set<MediaKind>,
    holdsAlpha: Bool, holdsSixteenBits: Bool = false, reader: Reader = .libav,
    maximumSide: Int = .max, encoding: Encoding? = nil, animation: Animation? = nil,
    signature: @escaping @Sendable (_ head: [UInt8]) -> Bool
  ) {
    self.name = name
    self.aliases = aliases
    self.mimeType = mimeType
    self.kinds = kinds
    self.holdsAlpha = holdsAlpha
    self.holdsSixteenBits = holdsSixteenBits
    self.reader = reader
    self.maximumSide = maximumSide
    self.encoding = encoding
    self.animation = animation
    self.signature = signature
  }

  /// How many leading bytes are enough to know every format.
  public static let signatureLength = 64

  /// The format of a file by its first bytes; nil when it is none that Swapline knows.
  public static func sniff(_ head: [UInt8]) -> MediaFormat? {
    all.first { $0.signature(head) }
  }

  /// The format called `name`, by its name or an alias, in any case.
  public static func named(_ name: String) -> MediaFormat? {
    let wanted = name.lowercased()
    return all.first { $0.name == wanted || $0.aliases.contains(wanted) }
  }

  /// The format with this type in HTTP headers; parameters behind `;` are passed over.
  public static func mime(_ type: String) -> MediaFormat? {
    let wanted = type.lowercased().prefix { $0 != ";" }.filter { !$0.isWhitespace }
    return all.first { $0.mimeType == wanted }
  }

  /// The formats that renditions can be written in.
  public static var writable: [MediaFormat] { all.filter { $0.encoding != nil } }
}

extension MediaFormat: Hashable {
  public static func == (a: MediaFormat, b: MediaFormat) -> Bool { a.name == b.name }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension MediaFormat: CustomStringConvertible {
  public var description: String { name }
}

extension MediaFormat: Codable {
  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let format = MediaFormat.named(name) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no format is called \(name)"))
    }
    self = format
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

/// Helpers for signatures.
extension [UInt8] {
  /// Whether the ASCII characters of `text` stand at `offset`.
  func has(_ text: StaticString, at offset: Int = 0) -> Bool {
    let length = text.utf8CodeUnitCount
    guard count >= offset + length else { return false }
    return text.withUTF8Buffer { wanted in
      (0..<length).allSatisfy { self[offset + $0] == wanted[$0] }
    }
  }

  /// Whether the brand of an ISO base media file (ISO/IEC 14496-12, box `ftyp`) is one of `brands`,
  /// as major brand or among the compatible ones that fit into the head.
  func hasBrand(_ brands: Set<String>) -> Bool {
    guard has("ftyp", at: 4), count >= 12 else { return false }
    let length = self[..<4].reduce(0) { $0 << 8 | Int($1) }
    // A length of 0 or 1 stands for one that is told elsewhere.
    let end = length < 12 ? count : Swift.min(count, length)
    var offset = 8
    while offset + 4 <= end {
      if offset != 12, brands.contains(String(decoding: self[offset..<offset + 4], as: UTF8.self)) {
        return true
      }
      offset += 4
    }
    return false
  }
}
