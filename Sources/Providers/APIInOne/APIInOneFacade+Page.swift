import Core
import Serving

extension APIInOneFacade {
  var forms: [PageForm] {
    [
      PageForm(
        "apiinone", title, .image, path: APIInOneWire.Path.swap,
        body: [
          "model": .string(APIInOneWire.model), "image": PageForm.scene,
          "face_image": PageForm.face,
        ],
        answers: PageAnswers(
          result: "data.output.image_url", refusal: "error.message",
          failure: "data.error.message", status: "data.status",
          query: (task: "data.task_id", path: APIInOneWire.Path.tasks + "{task}")))
    ]
  }
}
