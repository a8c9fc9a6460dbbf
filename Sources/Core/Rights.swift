/// Whose a picture is and how it came to be: the only metadata of a file that travels with it.
public struct Rights: Sendable, Hashable, Codable {
  /// The copyright notice (`dc:rights`, EXIF tag 0x8298).
  public var copyright: String?
  /// Who made it (`dc:creator`, EXIF tag 0x013B).
  public var creator: String?
  /// How it came to be, as a URI of IPTC's vocabulary (`Iptc4xmpExt:DigitalSourceType`).
  /// Source: http://cv.iptc.org/newscodes/digitalsourcetype/
  public var digitalSourceType: String?
  /// Under which terms it may be used (`xmpRights:UsageTerms`).
  public var usageTerms: String?
  /// The address of the licence or of a page about the rights (`cc:license`,
  /// `xmpRights:WebStatement`).
  public var license: String?

  /// What is known; nothing by default.
  public init(
    copyright: String? = nil, creator: String? = nil, digitalSourceType: String? = nil,
    usageTerms: String? = nil, license: String? = nil
  ) {
    self.usageTerms = usageTerms
    self.license = license
    self.copyright = copyright
    self.creator = creator
    self.digitalSourceType = digitalSourceType
  }

  /// Whether nothing is known.
  public var isEmpty: Bool { self == Rights() }

  /// These, and those of `other` where these say nothing.
  public func filled(from other: Rights?) -> Rights {
    Rights(
      copyright: copyright ?? other?.copyright, creator: creator ?? other?.creator,
      digitalSourceType: digitalSourceType ?? other?.digitalSourceType,
      usageTerms: usageTerms ?? other?.usageTerms, license: license ?? other?.license)
  }
}

/// How a picture came to be, in IPTC's words.
/// Source: http://cv.iptc.org/newscodes/digitalsourcetype/, read in November 2026.
public enum DigitalSourceType: String, Sendable, Hashable, Codable, CaseIterable {
  case digitalCapture
  case computationalCapture
  case negativeVideo
  case positiveVideo
  case print
  case humanEdits
  case compositeCapture
  case algorithmicallyEnhanced
  case dataDrivenMedia
  case digitalCreation
  case trainedAlgorithmicMedia
  case compositeWithTrainedAlgorithmicMedia
  case compositeSynthetic
  case composite
  case algorithmicMedia
  case screenCapture
  case virtualRecording

  /// Where the terms stand.
  public static let vocabulary = "http://cv.iptc.org/newscodes/digitalsourcetype/"

  /// The term as files store it.
  public var uri: String { Self.vocabulary + rawValue }
}
