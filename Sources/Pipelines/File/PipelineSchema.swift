import Core

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
        "version": ["const": 1],
        "name": ["type": "string"],
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
          "description": "The most credits that may be spent.",
          "properties": [
            "run": ["type": "number", "minimum": 0], "day": ["type": "number", "minimum": 0],
            "month": ["type": "number", "minimum": 0],
          ],
        ],
        "providers": .object([
          "type": "object", "additionalProperties": false,
          "properties": .object(
            Dictionary(uniqueKeysWithValues: vocabulary.providers.map { ($0.name, provider($0)) })),
        ]),
        "stages": .object([
          "type": "array", "minItems": 1,
          "items": .object(["anyOf": .array(vocabulary.stages.flatMap(stage))]),
        ]),
      ],
    ]
  }

  private static func provider(_ provider: Vocabulary.Provider) -> JSONValue {
    let settings = provider.settings.map { setting -> (String, JSONValue) in
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
      if let words = setting.words { schema["enum"] = .array(words.map { .string($0) }) }
      return (setting.name, .object(schema))
    }
    return .object([
      "description": .string(provider.summary), "type": ["object", "null"],
      "additionalProperties": false,
      "properties": .object(Dictionary(uniqueKeysWithValues: settings)),
    ])
  }

  private static func stage(_ stage: StageType) -> [JSONValue] {
    let parameters = stage.parameters.map { parameter -> (String, JSONValue) in
      guard case .object(var schema) = parameter.schema else { return (parameter.name, true) }
      schema["description"] = .string(parameter.help)
      schema["default"] = parameter.fallback
      return (parameter.name, .object(schema))
    }
    let body: JSONValue = .object([
      "type": ["object", "null"], "additionalProperties": false,
      "properties": .object(Dictionary(uniqueKeysWithValues: parameters)),
    ])
    return [
      .object(["const": .string(stage.name), "description": .string(stage.summary)]),
      .object([
        "type": "object", "description": .string(stage.summary),
        "required": [.string(stage.name)], "additionalProperties": false,
        "properties": .object([stage.name: body]),
      ]),
    ]
  }
}
