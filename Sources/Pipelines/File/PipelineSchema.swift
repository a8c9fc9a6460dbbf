import Core
import Processing

/// The JSON Schema (draft 2020-12) of pipeline files, for editors that complete and check.
public enum PipelineSchema {
  /// The schema of files that use `vocabulary`.
  public static func document(_ vocabulary: Vocabulary) -> JSONValue {
    [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "Swapline pipeline, version 1",
      "type": "object",
      "required": ["version", "stages"],
      "additionalProperties": false,
      "properties": [
        "version": ["const": 1, "description": "The version of this form, always 1."],
        "name": [
          "type": "string", "description": "What reports and plans call the pipeline.",
        ],
        "preset": [
          "type": ["object", "null"], "additionalProperties": false,
          "required": ["source", "verified", "confidence"],
          "description": "Where the figures of a preset come from.",
          "properties": [
            "source": ["type": "string"],
            "verified": ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"],
            "confidence": ["enum": ["high", "medium", "low"]],
          ],
        ],
        "budget": [
          "type": ["object", "null"], "additionalProperties": false,
          "description":
            "Maximum credits to spend: for all runs in a folder, per day, per month.",
          "properties": [
            "run": ["type": "number", "minimum": 0], "day": ["type": "number", "minimum": 0],
            "month": ["type": "number", "minimum": 0],
          ],
        ],
        "outputs": [
          "type": ["string", "null"], "maxLength": 500,
          "description": .string(
            "Where files are put besides the items' own folders: a path below the run's folder with "
              + "{id}, {name}, {stage}, {width}, {height}, {format} and the list's columns in it."),
          "allOf": [
            ["pattern": #"\{id\}"#], ["pattern": #"\.\{format\}$"#],
            ["not": ["pattern": #"(^|/)(\.|/|$)|^/|\\|\}\{"#]],
          ],
        ],
        "providers": .object([
          "type": "object", "additionalProperties": false,
          "description":
            "Settings of providers: where they are, limits, prices and rates that you know better.",
          "properties": .object(
            Dictionary(
              uniqueKeysWithValues: vocabulary.providers.map {
                ($0.name, settings($0.settings, of: $0.summary))
              })),
        ]),
        "hosts": [
          "type": ["object", "null"],
          "description": "Hosts by names of your own: each one kind of host with its settings.",
          "propertyNames": ["pattern": "^[A-Za-z0-9_-]{1,64}$"],
          "additionalProperties": hosts(vocabulary.hosts),
        ],
        "stages": stages(vocabulary.stages, providers: vocabulary.providers.map(\.name)),
      ],
      // Without an entry of its own, a host is a kind that needs none.
      "if": ["not": ["required": ["hosts"]]],
      "then": ["properties": ["stages": namedHosts(vocabulary)]],
    ]
  }

  /// The keys at the top of a pipeline file, with what each is for.
  package static var keys: [(name: String, meaning: String)] {
    let properties = document(Vocabulary(stages: [], providers: [], hosts: []))["properties"]
    return PipelineReader.keys.map { name in
      (name, properties?[name]?["description"]?.string ?? "")
    }
  }

  private static func hosts(_ hosts: [Vocabulary.Host]) -> JSONValue {
    let bare = hosts.filter(\.needsNoEntry).map { JSONValue.string($0.name) }
    return [
      "anyOf": .array(
        [["enum": .array(bare)]]
          + hosts.map { host in
            [
              "type": "object", "required": [.string(host.name)], "additionalProperties": false,
              "properties": .object([
                host.name: settings(host.settings, of: host.summary)
              ]),
            ]
          })
    ]
  }

  private static func namedHosts(_ vocabulary: Vocabulary) -> JSONValue {
    let known: JSONValue = [
      "enum": .array(vocabulary.hosts.filter(\.needsNoEntry).map { .string($0.name) })
    ]
    let one: JSONValue = ["anyOf": [known, ["type": "array", "items": known]]]
    let stages = vocabulary.stages.filter { $0.gives == .hosted }.map {
      stage -> (String, JSONValue) in
      let names = stage.parameters.filter { $0.name == "to" }.flatMap { [$0.name] + $0.formerNames }
      let parameters = Dictionary(uniqueKeysWithValues: names.map { ($0, one) })
      return (stage.name, ["properties": .object(parameters)])
    }
    return ["items": ["properties": .object(Dictionary(uniqueKeysWithValues: stages))]]
  }

  private static func settings(
    _ settings: [Vocabulary.Setting], of summary: String
  ) -> JSONValue {
    let required = settings.filter(\.isRequired).map { JSONValue.string($0.name) }
    let properties = settings.map { setting -> (String, JSONValue) in
      var schema: [String: JSONValue] = [
        "type": ["string", "number", "boolean"], "description": .string(setting.help),
      ]
      if setting.name.hasSuffix("price") {
        schema = [
          "description": .string(setting.help),
          "anyOf": [
            ["type": "number", "minimum": 0],
            [
              "type": "object", "required": ["credits"], "maxProperties": 2,
              "propertyNames": ["pattern": "^(credits|[A-Za-z]{3})$"],
              "additionalProperties": ["type": "number", "minimum": 0],
            ],
          ],
        ]
      }
      if setting.name == EngineSettings.name {
        schema = [
          "description": .string(setting.help), "type": ["object", "string"],
          "required": ["embedder"],
          "additionalProperties": false,
          "properties": [
            "model": ["type": "string"], "embedder": ["type": "string"],
            "matrix": ["type": "string"],
            "range": ["enum": .array(EngineWeights.Range.allCases.map { .string($0.rawValue) })],
            "template": [
              "enum": .array(EngineWeights.Template.allCases.map { .string($0.rawValue) })
            ],
          ],
        ]
      }
      if let words = setting.words { schema["enum"] = .array(words.map { .string($0) }) }
      return (setting.name, .object(schema))
    }
    var schema: [String: JSONValue] = [
      "description": .string(summary), "type": required.isEmpty ? ["object", "null"] : "object",
      "additionalProperties": false,
      "properties": .object(Dictionary(uniqueKeysWithValues: properties)),
    ]
    if !required.isEmpty { schema["required"] = .array(required) }
    return .object(schema)
  }

  /// The list of stages. JSON Schema cannot follow states along a line; it says which stage is first,
  /// which stands once, and which cannot be without another.
  private static func stages(_ types: [StageType], providers: [String]) -> JSONValue {
    func choice(_ types: [StageType]) -> JSONValue {
      ["anyOf": .array(types.flatMap { stage($0, providers: providers) })]
    }
    let firsts = types.filter { $0.takes == .requested }
    let others = types.filter { $0.takes != .requested }
    var rules: [JSONValue] = []
    for state in [StateKind.hosted, .swapped] {
      let givers = types.filter { $0.gives == state }
      let takers = types.filter { $0.takes == state && $0.gives != nil }
      if !givers.isEmpty {
        rules.append(["contains": named(givers), "minContains": 0, "maxContains": 1])
      }
      if !givers.isEmpty, !takers.isEmpty {
        rules.append(["if": ["contains": named(takers)], "then": ["contains": named(givers)]])
      }
    }
    return [
      "type": "array", "minItems": 1, "maxItems": .int(Int64(PipelineReader.mostStages)),
      "description":
        "What is done to each item, in this order: `swapline help stage-parameters` has them all.",
      "prefixItems": [choice(firsts)], "items": choice(others), "allOf": .array(rules),
    ]
  }

  /// Any of these stages, whatever its parameters.
  private static func named(_ types: [StageType]) -> JSONValue {
    let names = types.map(\.name)
    return [
      "anyOf": .array(
        names.map { ["const": .string($0)] }
          + names.map { ["type": "object", "required": [.string($0)]] })
    ]
  }

  private static func stage(_ stage: StageType, providers: [String]) -> [JSONValue] {
    var parameters: [String: JSONValue] = [:]
    for parameter in stage.parameters {
      guard case .object(var schema) = parameter.schema else {
        parameters[parameter.name] = true
        continue
      }
      // The stage that calls a provider names one that there is.
      if stage.gives == .swapped, parameter.name == "provider" {
        schema = ["enum": .array(providers.map { .string($0) })]
      }
      schema["description"] = .string(parameter.help)
      if !parameter.isRequired { schema["default"] = parameter.fallback }
      parameters[parameter.name] = .object(schema)
      for old in parameter.formerNames {
        schema["deprecated"] = true
        schema["description"] = .string("Called '\(parameter.name)' now.")
        parameters[old] = .object(schema)
      }
    }
    let required = stage.parameters.filter(\.isRequired).map { JSONValue.string($0.name) }
    var body: [String: JSONValue] = [
      "type": required.isEmpty ? ["object", "null"] : "object", "additionalProperties": false,
      "properties": .object(parameters),
    ]
    if !required.isEmpty { body["required"] = .array(required) }
    let whole: JSONValue = .object([
      "type": "object", "description": .string(stage.summary),
      "required": [.string(stage.name)], "additionalProperties": false,
      "properties": .object([stage.name: .object(body)]),
    ])
    guard required.isEmpty else { return [whole] }
    return [
      .object(["const": .string(stage.name), "description": .string(stage.summary)]), whole,
    ]
  }
}
