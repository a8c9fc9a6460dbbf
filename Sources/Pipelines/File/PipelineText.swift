import Core

/// Writes a pipeline down as the file that reads back to the same plan.
public enum PipelineText {
  /// The YAML text of a pipeline; parameters at their defaults are left out.
  public static func yaml(_ pipeline: Pipeline, vocabulary: Vocabulary) -> String {
    var text = "version: 1\nname: \(scalar(.string(pipeline.name)))\n"
    if let preset = pipeline.preset {
      text += "preset:\n  source: \(scalar(.string(preset.source)))\n"
      text += "  verified: \"\(preset.verified)\"\n  confidence: \(preset.confidence.rawValue)\n"
    }
    if !pipeline.providers.isEmpty {
      text += "providers:\n"
      for (name, settings) in pipeline.providers.sorted(by: { $0.key < $1.key }) {
        let values = settings.values.mapValues { JSONValue.string($0) }
        text += "  \(name): \(flow(.object(values)))\n"
      }
    }
    if !pipeline.hosts.isEmpty {
      text += "hosts:\n"
      for (name, host) in pipeline.hosts.sorted(by: { $0.key < $1.key }) {
        let values = JSONValue.object(host.values.mapValues { .string($0) })
        text += "  \(name): { \(host.kind): \(flow(values)) }\n"
      }
    }
    let budget = [
      ("run", pipeline.budget.run), ("day", pipeline.budget.day), ("month", pipeline.budget.month),
    ].compactMap { name, amount in amount.map { "\(name): \((try? JSONText.line($0)) ?? "0")" } }
    if !budget.isEmpty { text += "budget: { \(budget.joined(separator: ", ")) }\n" }
    text += "stages:\n"
    for stage in pipeline.stages {
      let type = vocabulary.stages.first { $0.name == stage.name }
      let written = (type?.parameters ?? []).compactMap { parameter -> String? in
        guard let value = stage.parameters[parameter.name], value != parameter.fallback else {
          return nil
        }
        return "\(parameter.name): \(flow(value))"
      }
      text +=
        written.isEmpty
        ? "  - \(stage.name)\n" : "  - \(stage.name): { \(written.joined(separator: ", ")) }\n"
    }
    return text
  }

  private static func flow(_ value: JSONValue) -> String {
    switch value {
    case .array(let values): "[\(values.map(flow).joined(separator: ", "))]"
    case .object(let parts) where parts.isEmpty: "{}"
    case .object(let parts):
      "{ "
        + parts.sorted { $0.key < $1.key }.map { "\($0.key): \(flow($0.value))" }
        .joined(separator: ", ") + " }"
    default: scalar(value)
    }
  }

  private static func scalar(_ value: JSONValue) -> String {
    guard case .string(let text) = value else { return (try? JSONText.line(value)) ?? "null" }
    let isPlain =
      text.first?.isLetter == true
      && text.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || $0.properties.numericType != nil
          || "_-./".unicodeScalars.contains($0)
      }
      && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    // A JSON text is a YAML text in double quotes.
    return isPlain ? text : (try? JSONText.line(value)) ?? "''"
  }
}
