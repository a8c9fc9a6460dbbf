import Core
import MicroHTTPD

/// The server's own description, OpenAPI 3.1: every path, field, status and body that it has.
struct OpenAPIDocument {
  let json: JSONValue

  init(_ context: ServerContext) {
    let facades = context.facades
    var paths = facades.reduce(into: [String: JSONValue]()) { all, facade in
      all.merge(facade.paths(context.configuration.inputs)) { $1 }
    }
    paths.merge(Self.own) { $1 }
    json = [
      "openapi": "3.1.0",
      "info": [
        "title": "Swapline", "version": .string(context.configuration.version),
        "description":
          .string(
            "The wire formats of \(facades.titles), with a local engine behind them. What the "
              + "vendors leave open and this server decides is said here."),
      ],
      "servers": [["url": .string(context.links.origin)]],
      "paths": .object(paths),
      "components": [
        "securitySchemes": .object(
          facades.reduce(into: [:]) { $0[$1.key.scheme] = $1.key.openAPI })
      ],
    ]
  }

  /// The paths that no vendor has.
  private static let own: [String: JSONValue] = [
    "/healthz": [
      "get": Operation("Whether the server works at all.")
        .answers(200, "It does.", Shape.status).answers(503, "It does not.", Shape.status).json
    ],
    "/readyz": [
      "get": Operation("Whether new tasks would be accepted.")
        .answers(200, "It would.", Shape.status).answers(503, "It would not.", Shape.status).json
    ],
    "/metrics": [
      "get": Operation("Counts, in Prometheus' text format.")
        .answers(200, "The counts.", type: "text/plain")
        .answers(503, "The store cannot be used.", type: "text/plain").json
    ],
    "/openapi.json": [
      "get": Operation("This document.").answers(200, "It.", ["type": "object"]).json
    ],
    "/files/{name}": [
      "get": Operation("A result or an upload, at a signed address that ends.")
        .takes("name", in: "path").takes("expires", in: "query").takes("signature", in: "query")
        .answers(200, "The file.", type: "*/*").answers(206, "A part of it.", type: "*/*")
        .answers(304, "The same as before.", type: nil)
        .answers(403, "The address was not made here.", type: "text/plain")
        .answers(404, "It is gone.", type: "text/plain")
        .answers(410, "The address has expired.", type: "text/plain")
        .answers(416, "There is no such part.", type: "text/plain").json
    ],
    "/uploads/{name}": [
      "put": Operation("Takes a file at an address that upload-url gave; once.")
        .takes("name", in: "path").takes("expires", in: "query").takes("signature", in: "query")
        .sends(type: "application/octet-stream")
        .answers(200, "Kept.", type: nil)
        .answers(403, "The address was not made here.", type: "text/plain")
        .answers(409, "A file was put there before.", type: "text/plain")
        .answers(410, "The address has expired.", type: "text/plain")
        .answers(413, "It is too large.", type: "text/plain")
        .answers(422, "It is not of the announced type.", type: "text/plain")
        .answers(500, "It could not be kept.", type: "text/plain").json
    ],
    "/": ["get": Operation("A page to try it.").answers(200, "HTML.", type: "text/html").json],
    "/page.css": ["get": Operation("Its look.").answers(200, "CSS.", type: "text/css").json],
    "/page.js": [
      "get": Operation("Its script.").answers(200, "JavaScript.", type: "text/javascript").json
    ],
    "/sample-scene.jpg": [
      "get": Operation("A drawn scene to try it with.").answers(200, "JPEG.", type: "image/jpeg")
        .json
    ],
    "/sample-face.jpg": [
      "get": Operation("A drawn face to try it with.").answers(200, "JPEG.", type: "image/jpeg")
        .json
    ],
    "/page.json": [
      "get": Operation("What the page needs to know.").answers(200, "Facts.", ["type": "object"])
        .json
    ],
  ]
}

/// One operation of an OpenAPI document while it is put together.
package struct Operation {
  private var fields: [String: JSONValue]
  private var parameters: [JSONValue] = []
  private var responses: [String: JSONValue] = [:]

  /// An operation; `security` names the scheme of its key.
  package init(_ summary: String, security: String? = nil) {
    fields = ["summary": .string(summary)]
    if let security { fields["security"] = [.object([security: []])] }
  }

  package func takes(
    _ name: String, in place: String, isRequired: Bool? = nil, _ schema: JSONValue = Shape.text
  ) -> Operation {
    var copy = self
    copy.parameters.append([
      "name": .string(name), "in": .string(place), "schema": schema,
      "required": .bool(isRequired ?? (place == "path")),
    ])
    return copy
  }

  /// A body of JSON, which is required.
  package func sends(_ schema: JSONValue) -> Operation {
    var copy = self
    copy.fields["requestBody"] = [
      "required": true, "content": ["application/json": ["schema": schema]],
    ]
    return copy
  }

  /// A body of another type.
  package func sends(type: String) -> Operation {
    var copy = self
    copy.fields["requestBody"] = ["required": true, "content": .object([type: .object([:])])]
    return copy
  }

  package func answers(_ status: Int, _ meaning: String, _ schema: JSONValue) -> Operation {
    answers(status, meaning, content: ["application/json": ["schema": schema]])
  }

  package func answers(_ status: Int, _ meaning: String, type: String?) -> Operation {
    answers(status, meaning, content: type.map { .object([$0: .object([:])]) })
  }

  private func answers(_ status: Int, _ meaning: String, content: JSONValue?) -> Operation {
    var copy = self
    var response: [String: JSONValue] = ["description": .string(meaning)]
    response["content"] = content
    copy.responses["\(status)"] = .object(response)
    return copy
  }

  /// The refusals that `codes` stand for, all of one shape.
  package func refuses(_ codes: [Int: String], _ schema: JSONValue) -> Operation {
    codes.reduce(self) { $0.answers($1.key, $1.value, schema) }
      // Said by the server itself, before a façade sees the request.
      .answers(413, "The body has more than 64 KiB.", type: "text/plain")
  }

  package var json: JSONValue {
    var all = fields
    if !parameters.isEmpty { all["parameters"] = .array(parameters) }
    all["responses"] = .object(responses)
    return .object(all)
  }
}

/// Shapes that stand in several places.
package enum Shape {
  package static let text: JSONValue = ["type": "string"]
  /// A text that is not empty.
  package static let word: JSONValue = ["type": "string", "minLength": 1]
  package static let number: JSONValue = ["type": "number"]
  package static let whole: JSONValue = ["type": "integer"]
  package static let truth: JSONValue = ["type": "boolean"]
  /// An address that this server gives.
  package static let url: JSONValue = ["type": "string", "format": "uri"]
  /// An address that this server fetches or calls.
  package static let address: JSONValue = [
    "type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://", "maxLength": 4_096,
  ]
  package static let status = object(["status": text])

  /// An object that has all of `fields`. What is optional may also be null.
  package static func object(
    _ fields: [String: JSONValue], optional: [String: JSONValue] = [:]
  ) -> JSONValue {
    let open = optional.mapValues { Shape.optional($0) }
    return [
      "type": "object", "properties": .object(fields.merging(open) { $1 }),
      "required": .array(fields.keys.sorted().map { .string($0) }),
    ]
  }

  package static func array(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

  package static func constant(_ value: JSONValue) -> JSONValue { ["const": value] }

  package static func words(_ words: [String]) -> JSONValue {
    ["enum": .array(words.map { .string($0) })]
  }

  /// Whatever `schema` takes, or null.
  package static func optional(_ schema: JSONValue) -> JSONValue {
    ["anyOf": [schema, ["type": "null"]]]
  }
}
