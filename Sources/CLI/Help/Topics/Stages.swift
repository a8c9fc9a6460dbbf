import Core
import Pipelines
import Swapline

extension HelpPage {
  static let stages = HelpPage(
    "stage-parameters", .topic,
    "The stages of a pipeline, their parameters, defaults and examples.",
    StageList.all.flatMap { stage -> [Block] in
      var blocks: [Block] = [
        .heading(stage.name), .text(stage.summary),
        .text(
          "Takes \(stage.takes?.meaning ?? "any media at hand"); gives "
            + "\(stage.gives?.meaning ?? "the same")."),
      ]
      if !stage.parameters.isEmpty {
        blocks.append(.table(stage.parameters.map { ($0.name, $0.explanation) }))
      }
      return blocks + [.code(["- \(stage.example)"])]
    })
}

extension ParameterFacts {
  /// Its help, the words that it takes when they are few, and its default.
  var explanation: String {
    var text = help
    let words = (schema["enum"]?.array ?? []).compactMap(\.string)
    if !words.isEmpty { text += " One of `\(words.joined(separator: "`, `"))`." }
    if fallback != .null {
      text += " Default: `\(fallback.string ?? (try? JSONText.line(fallback)) ?? "")`."
    }
    return text
  }
}
