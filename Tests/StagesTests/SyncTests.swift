import Core
import Files
import Glibc
import Pipelines
import Processing
import Stages
import Testing

/// What the workers leave unsynced is synced before it is taken over: a file of which that cannot be said fails.
@Suite struct SyncTests {
  @Test func renditionsAreSynced() async throws {
    let line = Pipeline("thumbnails") {
      Fetch(maximumSize: .megabytes(1))
      Thumbnails(sides: [64])
    }
    let world = try Line()
    let item = try world.item()
    world.media.leaveUnsyncable()
    let error = try await world.run(line, [item]).error()
    #expect(error.code == .storage && error.message.contains("Invalid argument"), "\(error)")
    #expect(!world.media.renders.isEmpty)
    for render in world.media.renders { #expect(!render.syncs) }
  }

  @Test func normalizedPicturesAreSynced() async throws {
    let line = Pipeline("normalized") {
      Fetch(maximumSize: .megabytes(1))
      Normalize()
    }
    let media = FakeMedia { request in
      #expect(!request.syncs)
      let made = request.output + ".png"
      symlink(FakeMedia.unsyncable, made)
      return NormalizeAnswer(file: made, media: facts(), changes: [])
    }
    let world = try Line(media: media)
    let error = try await world.run(line, [world.item()]).error()
    #expect(error.code == .storage && error.message.contains("Invalid argument"), "\(error)")
  }
}
