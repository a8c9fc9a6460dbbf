import Core
import Serving

extension AceDataFacade {
  private static let refusal = Shape.object(
    [
      "success": Shape.constant(false),
      "error": Shape.object(["code": Shape.text, "message": Shape.text]),
    ], optional: ["trace_id": Shape.text, "task_id": Shape.text])

  func paths(_ limits: InputLimits) -> [String: JSONValue] {
    [
      AceDataWire.Path.swap: [
        "post": Operation(
          "Swaps, and answers when it is done; with callback_url or async it names the task immediately.",
          security: "bearer"
        )
        .takes("Idempotency-Key", in: "header")
        .sends(
          Shape.object(
            ["source_image_url": Shape.address, "target_image_url": Shape.address],
            optional: [
              "timeout": ["type": "integer", "minimum": 1, "maximum": 600],
              "callback_url": Shape.address, "async": Shape.truth,
            ])
        )
        .answers(
          200, "Done, or the task's name.",
          Shape.object(
            ["task_id": Shape.text],
            optional: [
              "success": Shape.truth, "image_url": Shape.url, "image_width": Shape.whole,
              "image_height": Shape.whole, "image_size": Shape.whole,
            ])
        )
        .refuses(
          [
            400: "The request is wrong, or no swap can be made of these pictures.",
            401: "The key is missing or not known.",
            403: "The credits are used up, or no new tasks are accepted.",
            422: "The Idempotency-Key was used for another request.",
            429: "Too many requests, or a full queue; Retry-After says when to come again.",
            500: "A fault of the server.", 503: "The record of tasks is away.",
            504: "Not done in time; it continues.",
          ], Self.refusal
        ).json
      ]
    ]
  }
}
