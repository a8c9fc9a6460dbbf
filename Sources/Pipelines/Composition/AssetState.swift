import Core

/// How far an asset has come; each state is a type, so that a wrong order of stages does not
/// compile.
public protocol AssetState: Sendable {
  /// The state's name, for plans and for the check of pipeline files.
  static var stateKind: StateKind { get }
  /// The asset in this state.
  var asset: Asset { get }
  /// The asset, when it has what the state promises.
  init(_ asset: Asset) throws(SwaplineError)
}

/// The states by name, in the order of the line.
public enum StateKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// Named, nothing at hand.
  case requested
  /// Every file is here and measured.
  case fetched
  /// Every file has an address that a provider can fetch.
  case hosted
  /// The result is here and measured.
  case swapped

  /// What the state means, for sentences: `media at hand`.
  public var meaning: String {
    switch self {
    case .requested: "only names of files"
    case .fetched: "files at hand"
    case .hosted: "files with an address"
    case .swapped: "a result"
    }
  }
}

/// A state with main media, which finishing stages work on.
public protocol Finishable: AssetState {}

/// Nothing is at hand yet.
public struct Requested: AssetState {
  public static let stateKind = StateKind.requested
  public let asset: Asset

  public init(_ asset: Asset) throws(SwaplineError) {
    self.asset = asset
  }
}

/// Every file is here and measured.
public struct Fetched: Finishable {
  public static let stateKind = StateKind.fetched
  public let asset: Asset
  /// The scene's facts.
  public let scene: Media
  /// The face's facts; nil for an item without one.
  public let face: Media?

  public init(_ asset: Asset) throws(SwaplineError) {
    guard let scene = asset.media[.scene] else { throw .missing("a scene", in: asset) }
    self.asset = asset
    self.scene = scene
    face = asset.media[.face]
  }
}

/// Every file has an address that a provider can fetch.
public struct Hosted: Finishable {
  public static let stateKind = StateKind.hosted
  public let asset: Asset
  /// The scene's address.
  public let scene: Address
  /// The face's address; nil for an item without one.
  public let face: Address?

  public init(_ asset: Asset) throws(SwaplineError) {
    guard let scene = asset.addresses[.scene] else { throw .missing("a hosted scene", in: asset) }
    self.asset = asset
    self.scene = scene
    face = asset.addresses[.face]
  }
}

/// The result is here and measured.
public struct Swapped: Finishable {
  public static let stateKind = StateKind.swapped
  public let asset: Asset
  /// The result's facts.
  public let result: Media

  public init(_ asset: Asset) throws(SwaplineError) {
    guard let result = asset.media[.result] else { throw .missing("a result", in: asset) }
    self.asset = asset
    self.result = result
  }
}

extension SwaplineError {
  fileprivate static func missing(_ what: String, in asset: Asset) -> SwaplineError {
    SwaplineError(.internal, "A stage left the item without \(what).", item: asset.id)
  }
}
