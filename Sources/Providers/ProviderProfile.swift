import Core
import Hosting
import Processing

/// One of a vendor's models.
package struct ProviderModel: Sendable, Hashable, Codable {
  /// The vendor's name.
  package var name: String
  /// What it takes, costs and allows.
  package var profile: ProviderProfile

  /// A model.
  package init(_ name: String, _ profile: ProviderProfile) {
    self.name = name
    self.profile = profile
  }
}

/// What a provider's model takes, costs and allows, as data; each fact says where it comes from.
package struct ProviderProfile: Sendable, Hashable, Codable {
  /// The kinds of media that a scene may be.
  package var kinds: Sourced<[MediaKind]>
  /// What a scene must come within.
  package var limits: Sourced<MediaLimits>
  /// What a face must come within.
  package var faceLimits: Sourced<MediaLimits>
  /// Which faces of a scene can be chosen by index.
  package var faceIndices: Sourced<ClosedRange<Int>>
  /// The most requests a minute; nil where none is known.
  package var requestsPerMinute: Sourced<Int?>
  /// Maximum number of concurrent tasks.
  package var inFlight: Sourced<Int>
  /// The price of one swap; nil where the provider must be asked.
  package var price: Sourced<Price?>
  /// How long a result can be fetched; nil where none is known.
  package var resultLifetime: Sourced<TimeSpan?>
  /// What it needs of the addresses that it fetches from.
  package var fetchNeeds: Sourced<FetchNeeds>

  /// A profile.
  package init(
    kinds: Sourced<[MediaKind]>, limits: Sourced<MediaLimits>,
    faceLimits: Sourced<MediaLimits>? = nil, faceIndices: Sourced<ClosedRange<Int>>,
    requestsPerMinute: Sourced<Int?>,
    inFlight: Sourced<Int>, price: Sourced<Price?>, resultLifetime: Sourced<TimeSpan?>,
    fetchNeeds: Sourced<FetchNeeds> = Sourced(
      FetchNeeds(), .ours, source: "the vendor publishes nothing about addresses but that they are")
  ) {
    self.kinds = kinds
    self.limits = limits
    self.faceLimits = faceLimits ?? limits
    self.faceIndices = faceIndices
    self.requestsPerMinute = requestsPerMinute
    self.inFlight = inFlight
    self.price = price
    self.resultLifetime = resultLifetime
    self.fetchNeeds = fetchNeeds
  }
}

/// A fact with its origin.
package struct Sourced<Value: Sendable & Hashable & Codable>: Sendable, Hashable, Codable {
  /// The fact.
  package var value: Value
  /// Where it stands, or why it was chosen.
  package var source: String
  /// How far it can be relied on.
  package var confidence: Confidence

  /// A fact with its origin.
  package init(_ value: Value, _ confidence: Confidence, source: String) {
    self.value = value
    self.source = source
    self.confidence = confidence
  }
}

/// How far a fact about a vendor can be relied on.
package enum Confidence: String, Sendable, Hashable, Codable, CaseIterable {
  /// The vendor publishes it.
  case documented
  /// It follows from what the vendor publishes or from its own client code.
  case inferred
  /// The vendor publishes nothing; this is our own careful choice.
  case ours
  /// The user has set it.
  case set
}

/// What one swap costs.
package struct Price: Sendable, Hashable, Codable {
  /// How many units.
  package var amount: Double
  /// What is counted: `credits`.
  package var unit: String
  /// What the same is in `currency`; nil where that is not known.
  package var money: Double?
  /// A currency by its ISO 4217 code.
  package var currency: String?

  /// A price.
  package init(_ amount: Double, _ unit: String, money: Double? = nil, currency: String? = nil) {
    self.amount = amount
    self.unit = unit
    self.money = money
    self.currency = currency
  }

  /// What a credit costs in `currency`.
  package var rate: Double? {
    guard let money, amount > 0 else { return nil }
    return money / amount
  }
}

extension MediaLimits {
  /// What nearly every swap API takes: JPEG and PNG, at most 2048 pixels a side and 5 MB, upright
  /// and in sRGB. For vendors that publish no limits; the choice is ours.
  package static let careful = MediaLimits(
    formats: [.jpg, .png], maximumSize: .megabytes(5), maximumSide: 2048, maximumBitDepth: 8,
    requiresSRGB: true, requiresUpright: true)
}

extension Sourced<MediaLimits> {
  /// Limits of stills for vendors that publish none.
  static let careful = Sourced(
    .careful, .ours, source: "the vendor publishes none; nearly every swap API takes these")
  /// Limits of GIFs for vendors that publish none.
  static let carefulAnimation = Sourced(
    MediaLimits(
      formats: [.gif], maximumSize: .megabytes(15), maximumSide: 1_280, maximumFrames: 300,
      maximumDuration: .seconds(30)),
    .ours, source: "the vendor publishes none; small enough for the APIs that do")
  /// Limits of videos for vendors that publish none.
  static let carefulVideo = Sourced(
    MediaLimits(
      formats: [.mp4], maximumSize: .megabytes(100), maximumSide: 1_920, maximumBitDepth: 8,
      requiresSRGB: true, requiresUpright: true, maximumFrames: 600,
      maximumDuration: .seconds(60), videoCodecs: ["h264"], audioCodecs: ["aac"],
      requiresEvenSides: true, requiresFastStart: true),
    .ours, source: "the vendor publishes none; neighbours take 600 frames (PiAPI), 100 MB (Novita)")
}
