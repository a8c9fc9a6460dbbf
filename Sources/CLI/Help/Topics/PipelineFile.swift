import Core
import Pipelines
import Swapline

extension HelpPage {
  static let pipelineFile = HelpPage(
    "pipeline-file", .topic, "The keys of a pipeline file.",
    [
      .text(
        "A pipeline file is YAML 1.2. `swapline check FILE` reads it and reports every mistake at once; "
          + "`swapline schema` prints a JSON Schema for editors."),
      .heading("Top level"), .table(PipelineSchema.keys.map { ($0.name, $0.meaning) }),
      .heading("Example"),
      .code([
        "version: 1", "name: catalog", "stages:", "  - fetch", "  - normalize: { for: swap }",
        "  - host: { to: embedded }", "  - swap: { provider: crun, at: embedded }",
        "  - thumbnails: { sides: [512, 128] }", "  - metadata",
      ]),
    ]
      + Vocabulary.standard.providers.flatMap { provider -> [Block] in
        [
          .heading("providers: \(provider.name)"), .text("\(provider.summary)."),
          .table(provider.settings.map { ($0.name, $0.help) }),
        ]
      }
      + Vocabulary.standard.hosts.flatMap { host -> [Block] in
        [.heading("hosts: \(host.name)"), .text(host.summary)]
          + (host.settings.isEmpty ? [] : [.table(host.settings.map { ($0.name, $0.help) })])
      })
}
