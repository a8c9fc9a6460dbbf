import Core
import Pipelines

/// Pieces of JSON Schema that several stages' parameters share: what their checks say, for editors.
enum SchemaParts {
  /// A format that can be written.
  static let output = formats(MediaFormat.all.filter { $0.problemAsOutput == nil })

  /// A format that can be written, videos among them.
  static let movingOutput = formats(MediaFormat.all.filter { $0.problemAsMovingOutput == nil })

  /// One of `formats`, by any of its names.
  static func formats(_ formats: [MediaFormat]) -> [String: JSONValue] {
    ["enum": .array(formats.flatMap { [$0.name] + $0.aliases }.map { .string($0) })]
  }

  /// A list with something in it and nothing twice, or one element instead of it.
  static func list(_ element: [String: JSONValue]) -> [String: JSONValue] {
    [
      "anyOf": [
        [
          "type": "array", "items": .object(element), "minItems": 1, "uniqueItems": true,
        ],
        .object(element),
      ]
    ]
  }

  /// A whole number within `range`.
  static func integer(_ range: ClosedRange<Int>) -> [String: JSONValue] {
    [
      "type": "integer", "minimum": .int(Int64(range.lowerBound)),
      "maximum": .int(Int64(range.upperBound)),
    ]
  }
}
