import Core
import Ledgers

/// What a run of a pipeline would do, computed without fetching, spending or writing.
///
/// A composition in Swift and a pipeline file that say the same have equal plans, and equal plans
/// print the same bytes.
public struct Plan: Sendable, Hashable, Codable {
  /// One stage with every parameter, defaults included.
  public struct Step: Sendable, Hashable, Codable {
    /// The stage's name.
    public var stage: String
    /// Every parameter with its value.
    public var parameters: JSONValue
    /// The state that the asset is in afterwards.
    public var gives: StateKind
  }

  /// The version of the plan's shape.
  public var version: Int
  /// The pipeline's name.
  public var name: String
  /// How each called provider is reached.
  public var providers: [String: ProviderRoute]
  /// The hosts that are more than a kind at its defaults; nil where there are none.
  public var hosts: [String: HostRoute]?
  /// What may be spent; nil where nothing is limited.
  public var budget: Budget?
  /// Where the files that are made are put besides the items' own folders; nil for nowhere else.
  public var outputs: OutputPattern?
  /// The stages, in order.
  public var stages: [Step]

  /// The plan of a pipeline.
  public init(_ pipeline: Pipeline) {
    version = 1
    name = pipeline.name
    providers = pipeline.providers
    hosts = pipeline.hosts.isEmpty ? nil : pipeline.hosts
    budget = pipeline.budget.isLimited ? pipeline.budget : nil
    outputs = pipeline.outputs
    var state = StateKind.requested
    stages = pipeline.stages.map { stage in
      state = stage.gives ?? state
      return Step(stage: stage.name, parameters: stage.parameters, gives: state)
    }
  }

  /// The plan as JSON text, always the same bytes for equal plans.
  public var text: String {
    get throws { try JSONText.pretty(self) }
  }
}
