import Core

/// The words that a pipeline file may use: the stages and the providers that there are.
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

  /// One setting of a provider.
  public struct Setting: Sendable {
    /// The name in pipeline files.
    public let name: String
    /// What it does.
    public let help: String
    /// The words that it may be; nil takes any text.
    public let words: [String]?
    /// Why a text cannot be its value; nil where it can.
    let problem: @Sendable (String) -> String?

    /// A setting. `problem` says why a text cannot be its value.
    public init(
      _ name: String, _ help: String, words: [String]? = nil,
      problem: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
      self.problem = problem
      self.name = name
      self.help = help
      self.words = words
    }
  }

  /// Every stage.
  public let stages: [StageType]
  /// Every provider.
  public let providers: [Provider]

  /// These words and a program's own stages; one of a name that is there takes its place.
  ///
  ///     let words = Vocabulary.standard.adding(stages: [StageType(MyStage.self)])
  ///     let file = try PipelineFile(path: "line.yaml", vocabulary: words)
  public func adding(stages own: [StageType]) -> Vocabulary {
    let names = Set(own.map(\.name))
    return Vocabulary(
      stages: stages.filter { !names.contains($0.name) } + own, providers: providers)
  }

  /// The words of some stages and providers.
  public init(stages: [StageType], providers: [Provider]) {
    self.stages = stages
    self.providers = providers
  }
}
