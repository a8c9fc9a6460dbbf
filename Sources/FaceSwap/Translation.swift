import Core
import Faces
import Processing

/// Runs work of OpenCV on `subject`, a file's name, and says what its errors mean.
func translatingErrors<Result>(of subject: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as FacesError {
    throw translated(error, subject)
  }
}

private func translated(_ error: FacesError, _ subject: String) -> SwaplineError {
  switch error.kind {
  case .network:
    SwaplineError(
      .unsupported, "The local engine cannot run: \(error.detail).",
      hint:
        EngineNetworks.remedy)
  case .model:
    SwaplineError(
      .unsupported, "Your own network cannot be used on \(subject): \(error.detail).",
      hint: "Supported forms of ONNX networks are listed in docs/decisions/local-engine.md.")
  case .memory:
    SwaplineError(
      .limit, "There is not enough memory for the faces of \(subject).",
      hint: "Use a smaller picture, or work on fewer at once.")
  case .nothingToBlend:
    SwaplineError(
      .refusedByEngine, "The face in \(subject) cannot be replaced: \(error.detail).",
      hint: "Use a picture in which the whole face is seen.")
  case .argument, .failed:
    SwaplineError(
      .internal, "The local engine failed on \(subject): \(error.detail).",
      hint: "Report this with the picture that shows it.")
  }
}
