import Core
import Processing

/// What every stage declares: its name, its parameters, its defaults.
public protocol StageDefinition: Sendable {
  /// Everything that is declared of the stage.
  static var declaration: StageDeclaration<Self> { get }
  /// The stage with every parameter at its default.
  init()
  /// What the stage needs of the rest of the pipeline, such as a provider of some name.
  var needs: [StageNeed] { get }
  /// The stage with what it leaves to the rest of the pipeline filled in; `next` is the swap that
  /// comes next.
  func resolved(next: NextSwap?) -> Self
}

extension StageDefinition {
  /// Most stages need nothing.
  public var needs: [StageNeed] { [] }
  /// Most stages leave nothing open.
  public func resolved(next: NextSwap?) -> Self { self }
}

/// What earlier stages need to know of the swap that follows them.
public struct NextSwap: Sendable, Hashable {
  /// The provider that it calls.
  public var provider: String
  /// The ways around what the provider cannot take that it may go.
  public var bridges: [String]
}

/// What a stage needs of the rest of its pipeline.
public enum StageNeed: Sendable, Hashable {
  /// The provider of this name, with its settings when the stage was composed in Swift.
  case provider(name: String, settings: ProviderRoute?)
  /// A later stage that calls a provider, whose limits it takes.
  case laterSwap
  /// A face for every item.
  case face
  /// Ways around what the provider cannot take, which earlier stages must know of.
  case bridges([String])
  /// Pictures of so many pixels, width times height, though they are more than is usual.
  case pixels(Int)
  /// The host of this name, with what it is when the stage was composed in Swift.
  case host(name: String, route: HostRoute?)
  /// A file that an earlier stage makes, of such sides and formats.
  case rule(FileRule)
  /// A file that an earlier stage makes, by its whole name or the one given to it.
  case file(String)

  package var provider: String? {
    guard case .provider(let name, _) = self else { return nil }
    return name
  }

  package var pixels: Int? {
    guard case .pixels(let count) = self else { return nil }
    return count
  }

  package var host: String? {
    guard case .host(let name, _) = self else { return nil }
    return name
  }
}

extension AnyStage {
  /// What earlier stages need to know when this one calls a provider.
  var swap: NextSwap? {
    guard let provider = needs.compactMap(\.provider).first else { return nil }
    let bridges = needs.compactMap { need -> [String]? in
      guard case .bridges(let names) = need else { return nil }
      return names
    }
    return NextSwap(provider: provider, bridges: bridges.first ?? [])
  }
}

/// One step of the line, from one state of an asset to the next.
public protocol Stage: StageDefinition {
  /// The state that it takes.
  associatedtype Input: AssetState
  /// The state that it gives.
  associatedtype Output: AssetState

  /// Does the step for one asset. Throws `SwaplineError`, or `CancellationError` when the run is
  /// stopped.
  func run(_ input: Input, in context: StageContext) async throws -> Output
}

/// A step that makes files from the main media, whatever state the asset is in, and leaves the
/// state as it is.
public protocol FinishingStage: StageDefinition {
  /// Does the step for one asset with main media.
  func finish(_ asset: Asset, main: Media, in context: StageContext) async throws -> Asset
}

/// A finishing step that only makes renditions. The runner makes those of neighbouring steps from
/// one decode.
public protocol RenderingStage: FinishingStage {
  /// The files that the step makes of `main`.
  func orders(for asset: Asset, main: Media) throws -> [RenditionOrder]
}

/// A step that can say in advance what it would do to a file.
public protocol PreviewingStage: StageDefinition {
  /// The changes that it would make to the file at `path`, which plays `role`, given the next
  /// provider's settings; nothing is written.
  func previewChanges(
    _ path: String, as role: Role, settings: [String: String], media: any MediaService
  ) async throws -> [Change]
}

/// A step that pays, and can say in advance how much.
public protocol PayingStage: StageDefinition {
  /// What the step would pay for the scene at `path`; nothing is sent.
  func estimateCost(
    _ path: String, settings: [String: String], media: any MediaService
  ) async throws -> CostEstimate
}

/// What a swap would take and cost.
public struct CostEstimate: Sendable, Hashable {
  /// How the scene gets there, in a few words.
  public var way: String
  /// How many paid calls there are, at most.
  public var calls: Int
  /// The price in units; nil where the provider must be asked.
  public var price: Double?
  /// What is counted, such as `credits`.
  public var unit: String
  /// The same in money, by currency; empty where that is not known.
  public var money: [String: Double]

  /// An estimate.
  public init(
    way: String, calls: Int, price: Double?, unit: String = "credits", money: [String: Double] = [:]
  ) {
    self.money = money
    self.way = way
    self.calls = calls
    self.price = price
    self.unit = unit
  }
}

/// One rendition that a step asks for.
public struct RenditionOrder: Sendable, Hashable {
  /// The file's name in the item's folder.
  public var file: String
  /// What to make; its `output` is filled in by the runner. Nil shows the main file itself.
  public var request: RenditionRequest?
  /// Why the file cannot be made, where that is known without trying; nil for one that is tried.
  public var fault: SwaplineError?

  /// A file to make, or with no request the main file itself under another name.
  public init(file: String, request: RenditionRequest?, fault: SwaplineError? = nil) {
    self.file = file
    self.request = request
    self.fault = fault
  }
}

extension RenderingStage {
  /// Makes this step's files from a decode of its own.
  public func finish(_ asset: Asset, main: Media, in context: StageContext) async throws -> Asset {
    let orders = try orders(for: asset, main: main)
    let made =
      try await Rendering(of: main, in: context)
      .apply([(context, orders)], to: asset).last ?? asset
    if let error = made.rendersInPart { throw error }
    return made
  }
}
