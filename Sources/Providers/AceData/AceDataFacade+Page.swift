import Core
import Serving

extension AceDataFacade {
  var forms: [PageForm] {
    [
      PageForm(
        "acedata", title, .image, path: AceDataWire.Path.swap,
        body: ["source_image_url": PageForm.face, "target_image_url": PageForm.scene],
        answers: PageAnswers(result: "image_url", refusal: "error.message"))
    ]
  }
}
