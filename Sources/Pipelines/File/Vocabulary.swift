import Core

/// The words that a pipeline file may use: the stages, providers and kinds of hosts that there are.
public struct Vocabulary: Sendable {
  /// One provider's name and the settings that reach it.
  public struct Provider: Sendable {
    /// The name in pipeline files.
    public let name: String
    /// What it is, in one sentence.
    public let summary: String
    /// Each setting's name, what it does, and the words that it may be when they are few.
    public let settings: [Setting]

    /// A provider and its settings.
    public init(name: String, summary: String, settings: [Setting]) {
      self.name = name
      self.summary = summary
      self.settings = settings
    }
  }

  /// One kind of host and its settings.
  public struct Host: Sendable {
    /// The name in pipeline files.
    public let name: String
    /// What it does, in one sentence.
    public let summary: String
    /// Each setting.
    public let settings: [Setting]
    /// Whether only this machine can fetch from one with these settings.
    let isLocal: @Sendable ([String: String]) -> Bool

    /// A kind of host. `isLocal` says whether only this machine can fetch from one with some settings,
    /// unless a tunnel leads here.
    public init(
      name: String, summary: String, settings: [Setting],
      isLocal: @escaping @Sendable ([String: String]) -> Bool
    ) {
      self.name = name
      self.summary = summary
      self.settings = settings
      self.isLocal = isLocal
    }

    /// Whether a stage can name it without an entry under `hosts`.
    var needsNoEntry: Bool { !settings.contains(where: \.isRequired) }
  }

  /// One setting of a provider or host.
  public struct Setting: Sendable {
    /// The name in pipeline files.
    public let name: String
    /// What it does.
    public let help: String
    /// The words that it may be; nil takes any text.
    public let words: [String]?
    /// Whether it must be set.
    public let isRequired: Bool
    /// Why a text cannot be its value; nil where it can.
    let problem: @Sendable (String) -> String?

    /// A setting. `problem` says why a text cannot be its value.
    public init(
      _ name: String, _ help: String, words: [String]? = nil, isRequired: Bool = false,
      problem: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
      self.problem = problem
      self.name = name
      self.help = help
      self.words = words
      self.isRequired = isRequired
    }
  }

  /// Every stage.
  public let stages: [StageType]
  /// Every provider.
  public let providers: [Provider]
  /// Every kind of host.
  public let hosts: [Host]

  /// These words and a program's own stages; one of a name that is there takes its place.
  ///
  ///     let words = Vocabulary.standard.adding(stages: [StageType(MyStage.self)])
  ///     let file = try PipelineFile(path: "line.yaml", vocabulary: words)
  public func adding(stages own: [StageType]) -> Vocabulary {
    let names = Set(own.map(\.name))
    return Vocabulary(
      stages: stages.filter { !names.contains($0.name) } + own, providers: providers, hosts: hosts)
  }

  /// The words of some stages, providers and kinds of hosts.
  public init(stages: [StageType], providers: [Provider], hosts: [Host]) {
    self.stages = stages
    self.providers = providers
    self.hosts = hosts
  }

  /// The kind of host called `name`.
  func host(_ name: String) -> Host? { hosts.first { $0.name == name } }
}
