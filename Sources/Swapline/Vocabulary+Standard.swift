import Hosting
import Pipelines
import Providers
import Stages

extension Vocabulary {
  /// Every stage, provider and kind of host that Swapline knows.
  public static let standard = Vocabulary(
    stages: StageList.all, providers: ProviderDescriptor.all.map(\.vocabulary),
    hosts: Hosts.all.map(\.vocabulary))
}

extension ProviderDescriptor {
  /// The provider as pipeline files may write it.
  fileprivate var vocabulary: Vocabulary.Provider {
    let place = Vocabulary.Setting(
      ProviderRoute.place,
      "'\(ProviderRoute.thisProcess)' serves the provider's wire format from this process, with the "
        + "local engine.",
      words: [ProviderRoute.thisProcess])
    let own = settings.map { setting in
      Vocabulary.Setting(setting.name, setting.summary) { text in
        do throws(SwaplineError) {
          _ = try models(with: [setting.name: text])
          return nil
        } catch {
          return error.message
        }
      }
    }
    return Vocabulary.Provider(
      name: name, summary: title, settings: (facade == nil ? [] : [place]) + own)
  }
}

extension PipelineFile {
  /// Reads the pipeline file at `path` with every stage, provider and kind of host that Swapline knows.
  public init(path: String) throws(SwaplineError) {
    try self.init(path: path, vocabulary: .standard)
  }
}
