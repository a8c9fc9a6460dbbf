import Core
import Serving

extension CRUNFacade {
  private static let refusals: [Int: String] = [
    401: "The key is missing or not known.", 402: "The account has too few credits.",
    422: "The request is wrong; the message names every fault.",
    429: "Too many requests, or a full queue; Retry-After says when to come again.",
    455: "Maintenance: no new tasks are accepted.", 500: "A fault of the server.",
    503: "The record of tasks is away; Retry-After says when to come again.",
    505: "The model is not served.",
  ]

  private static func envelope(_ data: JSONValue) -> JSONValue {
    Shape.object(["code": Shape.constant(200), "message": Shape.text, "data": data])
  }

  private static let refusal = Shape.object(
    ["code": Shape.whole, "message": Shape.text], optional: ["data": ["type": "null"]])

  private func operation(_ summary: String, _ codes: [Int], _ data: JSONValue) -> Operation {
    Operation(summary, security: "crun")
      .answers(200, "Success.", Self.envelope(data))
      .refuses(Self.refusals.filter { codes.contains($0.key) || $0.key == 503 }, Self.refusal)
  }

  /// The body of each model that swaps the primary face: a GIF goes into the video's field.
  private static let single: [JSONValue] = [
    ([CRUNWire.Model.image], "image_url"), ([.gif, .video], "video_url"),
  ].map { models, field in
    Shape.object(
      [
        "model": Shape.words(models.map(\.rawValue)),
        "input": Shape.object(
          [field: Shape.address, "new_face": Shape.address],
          optional: ["disable_safety_checker": Shape.truth]),
      ], optional: ["callback_url": Shape.address])
  }

  private static let multi = Shape.object(
    [
      "model": Shape.words([CRUNWire.MultiModel.image.rawValue]),
      "input": Shape.object([
        "image_url": Shape.address, "detect_id": Shape.text,
        "faces": [
          "type": "array", "minItems": 1, "maxItems": .int(Int64(SwapOrder.maximumDetectedFaces)),
          "items": Shape.object(["face_id": Shape.text, "target": Shape.address]),
        ],
      ]),
    ], optional: ["callback_url": Shape.address])

  private static let task = Shape.object([
    "task_id": Shape.text, "provider": Shape.optional(Shape.text),
    "model_version": Shape.optional(Shape.text), "source": Shape.optional(Shape.text),
    "status": Shape.words(["pending", "running", "success", "failed"]),
    "param": ["type": ["object", "null"]], "create_at": Shape.optional(Shape.number),
    "complete_at": Shape.optional(Shape.number), "duration_s": Shape.optional(Shape.number),
    "credits": Shape.optional(Shape.number),
    "result": Shape.optional(
      Shape.object([
        "code": Shape.whole, "message": Shape.text, "media_urls": Shape.array(Shape.url),
        "media_info": ["type": "object"], "usage": ["type": "object"],
      ])),
  ])

  func paths(_ limits: InputLimits) -> [String: JSONValue] {
    let body: JSONValue = ["oneOf": .array(Self.single + [Self.multi])]
    let work = [401, 422, 429, 455, 500, 505]
    let types = limits.formats.map(\.mimeType)
    return [
      CRUNWire.Path.createTask: [
        "post": operation(
          "Submits a swap. A GIF goes into video_url.", work + [402],
          Shape.object(["task_id": Shape.text])
        ).takes("Idempotency-Key", in: "header").sends(body).json
      ],
      CRUNWire.Path.estimateTask: [
        "post": operation(
          "Says what a swap would cost.", work,
          Shape.object([
            "estimated_credits": Shape.number, "balance": Shape.number,
            "affordable": Shape.truth,
          ])
        ).sends(body).json
      ],
      CRUNWire.Path.taskInfo: [
        "get": operation("Says how a task stands.", [401, 422, 500], Self.task)
          .answers(404, "There is no such task of this key.", Self.refusal)
          .takes("task_id", in: "query", isRequired: true, Shape.word).json
      ],
      CRUNWire.Path.balance: [
        "get": operation(
          "Says what the account has left.", [401, 500],
          Shape.object(["balance": Shape.number])
        ).json
      ],
      CRUNWire.Path.uploadURL: [
        "get": operation(
          "Gives a place for a file.", [401, 422, 429, 455, 500],
          Shape.object(["presigned_url": Shape.url, "file_url": Shape.url])
        ).takes("content_type", in: "query", isRequired: true, Shape.words(types))
          .takes("ext", in: "query").takes("filename", in: "query").json
      ],
      CRUNWire.Path.detectFaces: [
        "post": operation(
          "Looks for the faces of a still.", [401, 422, 429, 455, 500],
          Shape.object(["detect_task_id": Shape.text])
        ).sends(Shape.object(["image_url": Shape.address])).json
      ],
      CRUNWire.Path.detectedFaces: [
        "get": operation(
          "Gives the faces that were found.", [401, 422, 500],
          Shape.object([
            "detect_task_id": Shape.text,
            "status": Shape.words(["starting", "processing", "succeeded", "failed"]),
            "result": ["type": ["object", "null"]],
          ])
        ).answers(404, "There is no such detection of this key.", Self.refusal)
          .takes("detect_task_id", in: "query", isRequired: true, Shape.word).json
      ],
    ]
  }
}
