import Core
import Serving

extension APIInOneFacade {
  private static let refusal = Shape.object([
    "error": Shape.object([
      "code": Shape.whole, "message": Shape.text, "type": Shape.text,
    ])
  ])

  private static func success(_ data: JSONValue) -> JSONValue {
    Shape.object(["code": Shape.constant(200), "message": Shape.text, "data": data])
  }

  func paths(_ limits: InputLimits) -> [String: JSONValue] {
    let formats = APIInOneWire.OutputFormat.allCases.map(\.rawValue)
    return [
      APIInOneWire.Path.swap: [
        "post": Operation("Submits a swap.", security: "bearer")
          .takes("Idempotency-Key", in: "header")
          .sends(
            Shape.object(
              [
                "model": Shape.words([APIInOneWire.model]), "image": Shape.address,
                "face_image": Shape.address,
              ],
              optional: [
                "target_index": ["type": "integer", "minimum": 0, "maximum": 10],
                "output_format": Shape.words(formats),
              ])
          )
          .answers(
            200, "Taken.",
            Self.success(Shape.object(["task_id": Shape.text, "status": Shape.text]))
          )
          .refuses(
            [
              400: "The request is wrong; the message names every fault.",
              401: "The key is missing or not known.", 402: "The account has too few credits.",
              403: "The model is not served.",
              422: "The Idempotency-Key was used for another request.",
              429: "Too many requests, or a full queue; Retry-After says when to come again.",
              500: "A fault of the server.",
              503: "Maintenance, or the record of tasks is away: no new tasks are accepted.",
            ], Self.refusal
          ).json
      ],
      APIInOneWire.Path.tasks + "{id}": [
        "get": Operation("Says how a task stands.", security: "bearer")
          .takes("id", in: "path")
          .answers(
            200, "How it stands.",
            Self.success(
              Shape.object(
                [
                  "task_id": Shape.text,
                  "status": Shape.words(["PENDING", "IN_PROGRESS", "completed", "failed"]),
                ],
                optional: [
                  "output": ["type": "object"], "credits": Shape.number,
                  "error": ["type": "object"],
                ]))
          )
          .answers(401, "The key is missing or not known.", Self.refusal)
          .answers(404, "There is no such task of this key.", Self.refusal)
          .answers(500, "A fault of the server.", Self.refusal)
          .answers(503, "The record of tasks is away.", Self.refusal).json
      ],
    ]
  }
}
