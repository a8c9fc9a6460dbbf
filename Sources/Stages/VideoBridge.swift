import Core
import Files
import Pipelines
import Processing

/// Carries a GIF through a model of videos, and back with its own frames, delays and transparency.
struct VideoBridge {
  let line: ItemSwapper

  func swap(_ scene: Media) async throws -> ItemSwapper.Bought {
    let context = line.context
    let original = context.folder.file(scene)
    let rendered = try await context.media.render(
      RenderRequest(
        file: original,
        renditions: [
          RenditionRequest(
            output: context.folder.temporaryFile("video") + ".mp4", format: .mp4, quality: 92,
            content: .moving)
        ]))
    guard let made = rendered.first else { throw SwaplineError(.internal, "No video was made.") }
    let (prepared, changes) = try await line.prepared(made.file)
    FileSystem.remove(made.file)
    var bought = try await line.swap(prepared)
    // Held against what was sent: what comes back is cut by the scene's own times.
    if let fault = ResultCheck(scene: prepared, result: bought.media).fault,
      !line.stage.acceptsChanged
    {
      throw SwaplineError(
        .generationFailed,
        "The result of task \(bought.task) does not match the scene: \(fault).",
        hint: "'swap: { accept_changed: true }' accepts it without paying again.")
    }
    let joined = try await context.media.join(
      ReplaceFramesRequest(
        original: original, pictures: .video(context.folder.file(bought.media)),
        output: context.folder.temporaryFile("joined") + "." + scene.format.name,
        format: scene.format))
    try context.folder.keep(joined.file, as: joined.media)
    bought.media = joined.media
    bought.changes = (made.changes + changes + joined.changes).map { change in
      var change = change
      change.role = .result
      return change
    }
    return bought
  }
}
