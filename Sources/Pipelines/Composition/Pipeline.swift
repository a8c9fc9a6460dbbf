import Core
import Ledgers
import Processing

/// Stages in a line, in an order that type-checks.
public struct Pipeline: Sendable {
  /// The pipeline's name, for plans and reports.
  public let name: String
  /// How each provider is reached, by the provider's name.
  public let providers: [String: ProviderRoute]
  /// The hosts that are more than a kind at its defaults, by the pipeline's own names for them.
  public let hosts: [String: HostRoute]
  /// The stages, in order.
  public let stages: [AnyStage]
  /// Where its figures come from; nil for one that is no preset.
  public internal(set) var preset: PresetFacts?
  /// What may be spent.
  public var budget = Budget()
  /// Where the files that are made are put besides the items' own folders; nil puts them there only.
  public var outputs: OutputPattern?

  /// Composes a pipeline in Swift; a wrong order does not compile.
  public init<State: Finishable>(
    _ name: String = "pipeline", @PipelineBuilder _ line: () -> Composition<State>
  ) {
    let stages = line().stages
    var providers: [String: ProviderRoute] = [:]
    for case .provider(let name, let settings?) in stages.flatMap(\.needs) {
      providers[name] = settings
    }
    var hosts: [String: HostRoute] = [:]
    for case .host(let name, let route?) in stages.flatMap(\.needs) { hosts[name] = route }
    self.init(name: name, providers: providers, hosts: hosts, stages: stages)
  }

  init(
    name: String, providers: [String: ProviderRoute], hosts: [String: HostRoute] = [:],
    stages: [AnyStage]
  ) {
    self.name = name
    // A kind that is only named takes its defaults; written down or not, it is the same plan.
    self.hosts = hosts.filter { $0.value != HostRoute($0.key) }
    self.stages = stages.indices.map { index in
      stages[index].resolve(stages[index...].lazy.compactMap(\.swap).first)
    }
    // A provider that is only named takes its defaults; written down or not, it is the same plan.
    var reached = providers
    for name in stages.flatMap(\.needs).compactMap(\.provider) where reached[name] == nil {
      reached[name] = ProviderRoute()
    }
    self.providers = reached
  }

  /// The names of the providers that a stage calls, in the order of the line.
  public var calledProviders: [String] {
    var names: [String] = []
    for name in stages.flatMap(\.needs).compactMap(\.provider) where !names.contains(name) {
      names.append(name)
    }
    return names
  }

  /// The names of the hosts that a stage puts files on, in the order of the line.
  public var usedHosts: [String] {
    var names: [String] = []
    for name in stages.flatMap(\.needs).compactMap(\.host) where !names.contains(name) {
      names.append(name)
    }
    return names
  }

  /// What the host called `name` is: its entry, or else the kind of that name at its defaults.
  public func route(ofHost name: String) -> HostRoute { hosts[name] ?? HostRoute(name) }

  /// The most pixels of one frame that its media work decodes: the usual ones, or as many as a stage
  /// asks for.
  public var maximumPixels: Int {
    stages.flatMap(\.needs).compactMap(\.pixels).reduce(DecodingGuard.usualPixels, max)
  }

  /// What is wrong with the stages' parameters, whoever set them: a pipeline that has any is not run.
  public var problems: [Finding] { stages.flatMap(\.problems) }

  /// Whether every item needs a face.
  public var needsFace: Bool { stages.contains { $0.needs.contains(.face) } }

  /// The pipeline with some parameters set otherwise; findings say what does not fit.
  ///
  /// A setting is written `stage.key` and its value as YAML; it reaches every stage of that name.
  public func setting(_ settings: [(key: String, value: SourceNode)]) -> (Pipeline, [Finding]) {
    var findings: [Finding] = []
    var changed = stages
    for (path, value) in settings {
      let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
      guard parts.count == 2, let stage = parts.first, let key = parts.last else {
        findings.append(
          Finding(
            .error, "'\(path)' names no parameter.", at: value.place,
            hint: "Write stage.key, for example thumbnails.format."))
        continue
      }
      let places = changed.indices.filter { changed[$0].name == stage }
      if places.isEmpty {
        findings.append(
          Finding(
            .error, "The pipeline has no stage '\(stage)'.", at: value.place,
            hint: Suggestion.hint(for: stage, among: changed.map(\.name))))
      }
      for index in places {
        let (next, problems) = changed[index].override([(key, value)])
        changed[index] = next
        findings += problems
      }
    }
    var pipeline = Pipeline(name: name, providers: providers, hosts: hosts, stages: changed)
    pipeline.preset = preset
    pipeline.budget = budget
    pipeline.outputs = outputs
    return (pipeline, findings)
  }
}
