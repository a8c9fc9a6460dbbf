import Core
import Processing

/// One item travelling the line: its media by role, its addresses, its renditions, its history.
///
/// A value: a stage takes one and gives the next. Files lie in the run's work folder under the
/// digests of their bytes.
public struct Asset: Sendable, Hashable, Codable {
  /// The item's name, also its folder's.
  public var id: String
  /// What the item was asked to be made from.
  public var item: Item
  /// The measured files by the part that they play.
  public var media: [Role: Media]
  /// The digests of the files as they were fetched; nil for an asset that an older version fetched.
  public var fetched: [Role: Digest]?
  /// Where a provider can fetch them.
  public var addresses: [Role: Address]
  /// Where they were put; nil before `host`.
  public var hosting: HostingFacts?
  /// How the result was had; nil before `swap`.
  public var swap: SwapFacts?
  /// What files made from now on say of themselves; nil keeps what the originals say.
  public var rights: Rights?
  /// What is done to the pixels of files made from now on, in this order; nil leaves them as they are.
  public var operations: [PixelOperation]?
  /// What was done with what the files carry beside their pixels; nil before `normalize` and `host`.
  public var metadata: MetadataPolicy?
  /// What was found against the rules of a shop.
  public var findings: [ShopFinding]?
  /// The files made from the main media.
  public var renditions: [Rendition]
  /// The renditions that could not be made; nil where all were. Such an item has failed, and its other
  /// files are there.
  public var failures: [RenditionFailure]?
  /// Every change that was made to a file, and why.
  public var history: [Change]
  /// What each stage took.
  public var stages: [StageFacts]
  /// Documents that are written into the item's folder when its last stage has ended.
  public var documents: Set<Document>

  /// The item before its first stage.
  public init(item: Item) {
    id = item.id
    self.item = item
    media = [:]
    addresses = [:]
    renditions = []
    history = []
    stages = []
    documents = []
  }

  /// The role of the file that renditions are made from: the result once there is one.
  public var mainRole: Role { media[.result] == nil ? .scene : .result }

  /// What the originals say of whose they are: the main file first, then the scene, whose words a
  /// provider leaves out of its result.
  public var keptRights: Rights? {
    var rights = (main?.rights ?? Rights()).filled(from: media[.scene]?.rights)
    // How a file came to be is known from what was done to it.
    if swap != nil {
      rights.digitalSourceType = DigitalSourceType.compositeWithTrainedAlgorithmicMedia.uri
    }
    return rights.isEmpty ? nil : rights
  }

  /// The file that renditions are made from.
  public var main: Media? { media[mainRole] }
}

/// A file about an asset rather than of it.
public enum Document: String, Sendable, Hashable, Codable {
  /// All facts of the asset, as JSON.
  case asset = "asset.json"
}

/// Where a file can be fetched, and until when.
public struct Address: Sendable, Hashable, Codable {
  /// The URL.
  public var url: String
  /// Seconds since 1970 at which it ends; nil for one that does not.
  public var expires: Double?

  /// An address that ends at `expires`.
  public init(url: String, expires: Double? = nil) {
    self.url = url
    self.expires = expires
  }
}

/// How files are put where a provider can fetch them.
public struct HostingFacts: Sendable, Hashable, Codable {
  /// The host's name, the first one's where several are tried.
  public var host: String
  /// The hosts that are tried after it, in order; nil where there are none.
  public var others: [String]?
  /// How long addresses work.
  public var lifetime: TimeSpan

  /// Addresses of `host` that work for `lifetime`, or else of the `others`, tried in order.
  public init(host: String, others: [String]? = nil, lifetime: TimeSpan) {
    self.host = host
    self.others = others
    self.lifetime = lifetime
  }

  /// Every host, in the order in which they are tried.
  public var hosts: [String] { [host] + (others ?? []) }
}

/// How a result was had.
public struct SwapFacts: Sendable, Hashable, Codable {
  /// The provider's name in the pipeline.
  public var provider: String
  /// The provider's model.
  public var model: String
  /// The provider's name for the task.
  public var task: String
  /// What it cost, in the provider's credits; nil when the provider does not say.
  public var credits: Double?
  /// Whether an earlier submission's result was used again, so that nothing was paid now.
  public var isReused: Bool
  /// How what the provider cannot take was carried over; nil when it took the scene itself.
  public var bridge: String?
  /// How many results it is made of, when there are several.
  public var calls: Int?
  /// What became of the scene's faces; nil where nobody looked: the local engine changes them or refuses.
  public var faces: FaceComparison?

  /// What the run at hand was charged; nil when the provider does not say.
  public var charged: Double? { isReused ? 0 : credits }

  /// Facts of one swap.
  public init(
    provider: String, model: String, task: String, credits: Double?, isReused: Bool,
    bridge: String? = nil, calls: Int? = nil, faces: FaceComparison? = nil
  ) {
    self.faces = faces
    self.bridge = bridge
    self.calls = calls
    self.provider = provider
    self.model = model
    self.task = task
    self.credits = credits
    self.isReused = isReused
  }
}

/// A file made from an asset's main media.
public struct Rendition: Sendable, Hashable, Codable {
  /// The file's name in the item's folder.
  public var file: String
  /// The stage that made it.
  public var stage: String
  /// Its measured facts.
  public var media: Media

  /// A file that `stage` made.
  public init(file: String, stage: String, media: Media) {
    self.file = file
    self.stage = stage
    self.media = media
  }
}

/// A file that should have been made from an asset's main media, and was not.
public struct RenditionFailure: Sendable, Hashable, Codable {
  /// The file's name, as it would stand in the item's folder.
  public var file: String
  /// The stage that should have made it.
  public var stage: String
  /// Why it was not made.
  public var error: SwaplineError

  /// A file that `stage` could not make.
  public init(file: String, stage: String, error: SwaplineError) {
    self.file = file
    self.stage = stage
    self.error = error
  }
}

/// What one stage took.
public struct StageFacts: Sendable, Hashable, Codable {
  /// The stage's name.
  public var stage: String
  /// Seconds of wall-clock time.
  public var seconds: Double
  /// What it did, in a few words.
  public var note: String?

  /// What `stage` took.
  public init(stage: String, seconds: Double, note: String? = nil) {
    self.stage = stage
    self.seconds = seconds
    self.note = note
  }
}

/// A rule of a shop that a finished file does not meet.
public struct ShopFinding: Sendable, Hashable, Codable {
  /// The file's name in the item's folder.
  public var file: String
  /// How much it matters: an error rejects the item.
  public var severity: Finding.Severity
  /// The rule, by the name of its parameter.
  public var rule: String
  /// What was found.
  public var found: String
  /// What is wanted.
  public var wanted: String

  /// A rule that `file` does not meet.
  public init(
    file: String, severity: Finding.Severity, rule: String, found: String, wanted: String
  ) {
    self.file = file
    self.severity = severity
    self.rule = rule
    self.found = found
    self.wanted = wanted
  }

  /// The finding in a sentence's words.
  public var text: String { "\(file): found \(found), expected \(wanted)" }
}

extension Asset {
  /// The files that people find in the item's folder.
  package var files: [(name: String, media: Media)] {
    let roles = Role.allCases.compactMap { role in
      media[role].map { ("\(role.rawValue).\($0.format.name)", $0) }
    }
    return roles + renditions.map { ($0.file, $0.media) }
  }
}
