/// What a finished file says about itself in its own metadata: where the picture comes from and
/// whose it is. Everything else, such as places, serial numbers and small copies of the original,
/// is left behind.
public struct Notice: Sendable, Hashable, Codable {
  /// The IPTC term for how the picture came to be, written as XMP
  /// `Iptc4xmpExt:DigitalSourceType`; nil keeps the original's term, if it has one.
  /// Source: http://cv.iptc.org/newscodes/digitalsourcetype/
  public var digitalSourceType: String?
  /// The copyright notice, written as `dc:rights`; nil keeps the original's.
  public var copyright: String?
  /// Whether the original's term, copyright and creator are kept where nothing else is said.
  public var keepsOriginal: Bool

  /// By default the original's own words about itself are kept and none are added.
  public init(
    digitalSourceType: String? = nil, copyright: String? = nil, keepsOriginal: Bool = true
  ) {
    self.digitalSourceType = digitalSourceType
    self.copyright = copyright
    self.keepsOriginal = keepsOriginal
  }
}
