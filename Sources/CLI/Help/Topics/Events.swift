import Pipelines

extension HelpPage {
  static let events = HelpPage(
    "events", .topic, "The events that `swapline run --json` prints, one a line.",
    [
      .text(
        "Every event has `version` (\(RunEvent.version)), `run` and `event`; events of an item have `item`, "
          + "events of a stage `stage`."),
      .table(
        RunEvent.facts.map { event in
          let fields = event.fields.map { "`\($0)`" }.joined(separator: ", ")
          return (event.name, event.meaning + (fields.isEmpty ? "" : " Fields: \(fields)."))
        }),
    ])
}
