/// Something done to the pixels of a rendition after it has its size: an operation of libvips by its
/// name there, such as `sharpen`, that makes a picture of a picture.
///
/// Still pictures, and each frame of animations and videos, are sRGB or gray with 8 bits a sample, with
/// opacity or without; what the operation makes of the colours is brought to the same. Opacity stays as
/// it is, and goes the same way where the size changes. Operations that read or write files are refused, and
/// arguments that name one: pictures and colour profiles.
public struct PixelOperation: Sendable, Hashable, Codable {
  /// An argument of an operation.
  public enum Argument: Sendable, Hashable, Codable {
    /// As on libvips' command line: a number, a word, or numbers with spaces between them.
    case text(String)
    /// So many times the width that the rendition has before the first operation, in pixels.
    case width(Double)
    /// So many times the height that the rendition has before the first operation, in pixels.
    case height(Double)
  }

  /// The operation's name in libvips.
  public var name: String
  /// Its arguments by name, without the picture itself.
  public var arguments: [String: Argument]

  /// An operation.
  public init(_ name: String, _ arguments: [String: Argument] = [:]) {
    self.name = name
    self.arguments = arguments
  }
}

extension PixelOperation.Argument: ExpressibleByFloatLiteral, ExpressibleByStringLiteral {
  /// A number.
  public init(floatLiteral value: Double) { self = .text("\(value)") }
  /// A number.
  public init(_ value: Double) { self = .text("\(value)") }
  /// Text.
  public init(stringLiteral value: String) { self = .text(value) }
}
