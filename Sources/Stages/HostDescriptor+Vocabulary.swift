import Hosting
import Pipelines

extension HostDescriptor {
  /// The kind of host as pipeline files may write it.
  package var vocabulary: Vocabulary.Host {
    Vocabulary.Host(
      name: name, summary: summary,
      settings: settings.map { setting in
        Vocabulary.Setting(
          setting.name, setting.summary, words: setting.words, isRequired: setting.isRequired,
          problem: { setting.problem(with: $0) })
      },
      isLocal: { reach(with: $0, publicURL: nil) == .thisMachine })
  }
}
