import Pipelines
import Providers
import Stages

extension Vocabulary {
  /// Every stage and provider that Swapline knows.
  public static let standard = Vocabulary(
    stages: StageList.all,
    providers: ProviderDescriptor.all.map { descriptor in
      Provider(
        name: descriptor.name, summary: descriptor.title,
        settings: [
          Setting(
            "at",
            "'embedded' serves the provider's wire format from this process, with the local engine.",
            words: ["embedded"])
        ]
          + descriptor.settings.map { setting in
            Setting(setting.name, setting.summary) { text in
              do throws(SwaplineError) {
                _ = try descriptor.models(with: [setting.name: text])
                return nil
              } catch {
                return error.message
              }
            }
          })
    })
}

extension PipelineFile {
  /// Reads the pipeline file at `path` with every stage and provider that Swapline knows.
  public init(path: String) throws(SwaplineError) {
    try self.init(path: path, vocabulary: .standard)
  }
}
