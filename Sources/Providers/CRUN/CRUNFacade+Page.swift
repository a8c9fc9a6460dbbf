import Core
import Serving

extension CRUNFacade {
  var forms: [PageForm] {
    [
      form(.image, "crun-image", "CRUN image"), form(.gif, "crun-gif", "CRUN GIF"),
      form(.video, "crun-video", "CRUN video"),
    ]
  }

  private func form(_ model: CRUNWire.Model, _ id: String, _ title: String) -> PageForm {
    PageForm(
      id, title, model.kind, path: CRUNWire.Path.createTask,
      body: [
        "model": .string(model.rawValue),
        "input": .object([model.sceneField: PageForm.scene, "new_face": PageForm.face]),
      ],
      answers: PageAnswers(
        result: "data.result.media_urls.0", refusal: "message",
        failure: "data.result.message", status: "data.status",
        query: (task: "data.task_id", path: CRUNWire.Path.taskInfo + "?task_id={task}")))
  }

  var balance: PageBalance? { PageBalance(path: CRUNWire.Path.balance, value: "data.balance") }

  var uploads: PageUploads? {
    PageUploads(
      path: CRUNWire.Path.uploadURL, target: "data.presigned_url", file: "data.file_url",
      failure: "message")
  }
}
