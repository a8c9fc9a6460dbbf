import Core
import Hosting
import Processing

/// What a user may know better about a provider than we do: settings that replace a profile's facts.
enum ProviderLimits {
  private struct Fact {
    let name: String
    let summary: String
    /// Changes a profile; false for a text that makes no sense.
    let apply: @Sendable (String, inout ProviderProfile) -> Bool
  }

  private static let facts: [Fact] = [
    Fact(name: "formats", summary: "Accepted formats, such as `jpg, png`.") {
      text, profile in
      let words = text.split { $0 == "," || $0.isWhitespace }.map(String.init)
      let formats = words.compactMap(MediaFormat.named)
      guard !formats.isEmpty, formats.count == words.count else { return false }
      profile.limits.set { $0.formats = formats }
      return true
    },
    Fact(name: "maximum_size", summary: "Maximum file size, such as 10MB.") {
      text, profile in
      guard let size = ByteSize(parsing: text) else { return false }
      profile.limits.set { $0.maximumSize = size }
      return true
    },
    Fact(name: "maximum_side", summary: "Maximum side in pixels.") { text, profile in
      guard let side = Int(text), (1...65_535).contains(side) else { return false }
      profile.limits.set { $0.maximumSide = side }
      return true
    },
    Fact(name: "maximum_frames", summary: "Maximum number of frames.") { text, profile in
      guard let count = Int(text), (1...100_000).contains(count) else { return false }
      profile.limits.set { $0.maximumFrames = count }
      return true
    },
    Fact(name: "maximum_duration", summary: "Maximum duration, such as 30s.") { text, profile in
      guard let time = TimeSpan(parsing: text) else { return false }
      profile.limits.set { $0.maximumDuration = time }
      return true
    },
    Fact(name: "requests_per_minute", summary: "Maximum submissions per minute.") { text, profile in
      guard let count = Int(text), (1...100_000).contains(count) else { return false }
      profile.requestsPerMinute = .set(count)
      return true
    },
    Fact(name: "in_flight", summary: "Maximum number of concurrent tasks.") { text, profile in
      guard let count = Int(text), (1...1_000).contains(count) else { return false }
      profile.inFlight = .set(count)
      return true
    },
    Fact(
      name: "price",
      summary:
        "The price of one swap: credits, or { credits: 3, usd: 0.006 } with money beside them."
    ) { text, profile in
      guard let price = Price(parsing: text) else { return false }
      profile.price = .set(price)
      return true
    },
    Fact(
      name: "fetch_needs",
      summary:
        "What it needs of addresses, `head, no_query, extension` or `none`: it looks with HEAD, takes no query, "
        + "tells the type by the extension."
    ) { text, profile in
      guard let needs = FetchNeeds(parsing: text) else { return false }
      profile.fetchNeeds = .set(needs)
      return true
    },
    Fact(name: "result_lifetime", summary: "How long a result can be fetched, such as 24h.") {
      text, profile in
      guard let time = TimeSpan(parsing: text) else { return false }
      profile.resultLifetime = .set(time)
      return true
    },
  ]

  /// The words that a setting of one kind begins with.
  private static func prefix(_ kind: MediaKind) -> String {
    switch kind {
    case .image: "image_"
    case .animation: "gif_"
    case .video: "video_"
    }
  }

  /// The settings: each fact for every model, and where there are several for each kind.
  static func settings(_ models: [ProviderModel]) -> [ProviderSetting] {
    let kinds = models.count > 1 ? models.flatMap(\.profile.kinds.value) : []
    return facts.flatMap { fact in
      [ProviderSetting(fact.name, fact.summary + " Overrides Swapline's default.")]
        + kinds.map { kind in
          ProviderSetting(
            prefix(kind) + fact.name, fact.summary + " Of the \(kind.rawValue) model alone.")
        }
    }
  }

  /// A profile with the user's facts in it; those for its kind alone come last.
  static func applied(
    _ values: [String: String], to profile: ProviderProfile, provider: String
  ) throws(SwaplineError) -> ProviderProfile {
    var profile = profile
    let prefixes = [""] + profile.kinds.value.map(prefix)
    for prefix in prefixes {
      for fact in facts {
        guard let text = values[prefix + fact.name] else { continue }
        guard fact.apply(text, &profile) else {
          throw SwaplineError(
            .usage, "\(prefix + fact.name) of provider \(provider) is '\(text)'.",
            hint: fact.summary)
        }
      }
    }
    return profile
  }
}

extension Sourced {
  /// A fact that the user has set.
  static func set(_ value: Value) -> Sourced {
    Sourced(value, .set, source: "the pipeline's own setting")
  }
}

extension Sourced<MediaLimits> {
  /// Changes a limit because the user has set it.
  fileprivate mutating func set(_ change: (inout MediaLimits) -> Void) {
    change(&value)
    let isMarked = confidence == .set
    if !isMarked { source = "the pipeline's own setting, else: \(source)" }
    confidence = .set
  }
}

extension Price {
  /// Reads `3`, or `credits: 3, usd: 0.006`; nil for anything else, an amount below zero included.
  init?(parsing text: String) {
    func amount(_ text: some StringProtocol) -> Double? {
      Double(text).flatMap { $0 >= 0 && $0 < 1e9 ? $0 : nil }
    }
    if let credits = amount(text) {
      self.init(credits, "credits")
      return
    }
    var parts: [String: Double] = [:]
    for part in text.split(separator: ",") {
      let words = part.split(separator: ":").map { $0.split(separator: " ").joined() }
      guard words.count == 2, let value = amount(words[1]), parts[words[0]] == nil else {
        return nil
      }
      parts[words[0]] = value
    }
    guard let credits = parts.removeValue(forKey: "credits"), parts.count <= 1 else { return nil }
    guard let (currency, money) = parts.first else {
      self.init(credits, "credits")
      return
    }
    guard currency.count == 3, currency.allSatisfy({ $0.isASCII && $0.isLetter }) else {
      return nil
    }
    self.init(credits, "credits", money: money, currency: currency.uppercased())
  }
}
