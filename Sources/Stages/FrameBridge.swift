import Core
import Files
import Pipelines
import Processing

/// Carries a GIF or video through a model of stills: each different frame is a swap of its own, and
/// order, times and sound are the scene's.
struct FrameBridge {
  let line: ItemSwapper

  func swap(_ scene: Media) async throws -> ItemSwapper.Bought {
    let context = line.context
    let original = context.folder.file(scene)
    let split = try await context.media.split(
      ExtractFramesRequest(file: original, output: context.folder.temporaryFile("frame")))
    context.progress("\(split.count) different frames of \(split.order.count)")
    var prepared: [Media] = []
    var changes: [Change] = []
    for frame in split.frames {
      let (media, made) = try await line.prepared(frame.file)
      FileSystem.remove(frame.file)
      prepared.append(media)
      // What is the same for every frame is told once.
      for change in made where !changes.contains(change) { changes.append(change) }
    }
    let bought = try await buy(prepared)
    let results = bought.map { $0 }
    let kept = results.count { $0 == nil }
    guard let first = results.compactMap(\.self).first else {
      throw SwaplineError(
        .noFace, "The provider found no face in any of the \(split.count) frames.",
        hint: "Use a scene in which a face looks at the camera.")
    }
    if kept > 0 {
      changes.append(
        Change(
          .frames, from: "\(split.count) different frames", to: "\(kept) of them as they were",
          reason: "the provider found no face there, and faceless_frames is keep"))
    }
    let files = results.map { $0.map { context.folder.file($0.media) } ?? "" }
    let order = split.order.map { results[$0] == nil ? nil : $0 }
    let joined = try await context.media.join(
      ReplaceFramesRequest(
        original: original, pictures: .stills(files, order: order),
        output: context.folder.temporaryFile("joined") + "." + scene.format.name,
        format: scene.format))
    try context.folder.keep(joined.file, as: joined.media)
    let all = results.compactMap(\.self)
    let charged = all.compactMap { $0.isReused ? nil : $0.credits }
    return ItemSwapper.Bought(
      media: joined.media, task: first.task,
      credits: charged.isEmpty ? nil : charged.reduce(0, +),
      isReused: all.allSatisfy(\.isReused), calls: all.count,
      changes: (changes + joined.changes).map { change in
        var change = change
        change.role = .result
        return change
      })
  }

  /// Buys the swap of each frame, as many at once as the provider allows; nil for one that stays as
  /// it is. After a failure no further one is begun.
  private func buy(_ frames: [Media]) async throws -> [ItemSwapper.Bought?] {
    let most = max(1, line.model.profile.inFlight.value)
    return try await withThrowingTaskGroup(of: (Int, ItemSwapper.Bought?).self) { group in
      var results = [ItemSwapper.Bought?](repeating: nil, count: frames.count)
      var (next, done) = (0, 0)
      var failure: (any Error)?
      while true {
        while next < frames.count, next - done < most, failure == nil {
          let place = next
          group.addTask { (place, try await one(frames[place], place, of: frames.count)) }
          next += 1
        }
        guard done < next else { break }
        do {
          guard let (place, bought) = try await group.next() else { break }
          results[place] = bought
          line.context.progress("\(done + 1) of \(frames.count) frames")
        } catch {
          // What is under way is paid: it is brought home, and the next run has it.
          failure = failure ?? error
        }
        done += 1
      }
      if let failure { throw failure }
      return results
    }
  }

  private func one(_ frame: Media, _ place: Int, of count: Int) async throws -> ItemSwapper.Bought?
  {
    do {
      return try await line.swap(frame)
    } catch var error as SwaplineError {
      let isFaceless = [.noFace, .generationFailed, .refusedByProvider].contains(error.code)
      if isFaceless, line.stage.facelessFrames == .keep { return nil }
      error.message = "Frame \(place + 1) of \(count): \(error.message)"
      if isFaceless {
        error.hint =
          "Write 'swap: { faceless_frames: keep }' to leave such frames as they are; what was paid "
          + "is kept."
      }
      throw error
    }
  }
}
