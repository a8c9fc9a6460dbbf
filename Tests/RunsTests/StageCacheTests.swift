import Core
import SQLite
import TestSupport
import Testing

@testable import Files
@testable import Ledgers
@testable import Pipelines
@testable import Runs

@Suite struct StageCacheTests {
  static func pipeline(_ take: Int = 0, _ call: Int = 0, route: [String: String] = [:]) -> Pipeline
  {
    Pipeline(
      name: "p", providers: ["crun": ProviderRoute(route)],
      stages: [
        AnyStage(Take(number: take)), AnyStage(Call(number: call)), AnyStage(Call(number: 5)),
      ])
  }

  func chain(_ item: Item, _ pipeline: Pipeline = pipeline()) -> StageCacheKeys {
    StageCacheKeys(pipeline: pipeline, item: item)
  }

  func fetched(_ text: String) -> Asset {
    var asset = Asset(item: Item(id: "one", scene: "s"))
    asset.media[.scene] = facts(text)
    return asset
  }

  @Test func theFirstKeyStandsOnWhatTheItemNames() throws {
    let folder = try TemporaryFolder()
    let scene = try folder.write("abc", to: "s.png")
    let item = Item(id: "one", scene: scene)
    let key = try #require(chain(item).fetchKey)
    #expect(chain(item).fetchKey == key)
    #expect(chain(item, Self.pipeline(0, 3)).fetchKey == key)
    #expect(chain(item, Self.pipeline(1)).fetchKey != key)
    #expect(chain(Item(id: "two", scene: scene)).fetchKey != key)
    #expect(chain(Item(id: "one", scene: scene, face: scene)).fetchKey != key)
    #expect(chain(Item(id: "one", scene: "https://x.test/s.png")).fetchKey != nil)
    try folder.write("abcd", to: "s.png")
    #expect(chain(item).fetchKey != key)
  }

  @Test func aFileUrlIsStampedLikeItsPath() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("abc", to: "a b.png")
    let item = Item(id: "one", scene: "file://" + path.replacing(" ", with: "%20"))
    let key = try #require(chain(item).fetchKey)
    try folder.write("abcd", to: "a b.png")
    #expect(chain(item).fetchKey != key)
  }

  @Test(arguments: ["-", "/nowhere/s.png", "/tmp"])
  func whatCannotBeKnownAgainHasNoKey(scene: String) {
    #expect(chain(Item(id: "one", scene: scene)).fetchKey == nil)
  }

  @Test func aChangeChangesTheKeysFromItsStageOn() {
    let item = Item(id: "one", scene: "s")
    let keys = chain(item).keys(after: fetched("a"))
    #expect(Set(keys).count == 2)
    func same(_ pipeline: Pipeline, _ text: String = "a", id: String = "one") -> [Bool] {
      let other = StageCacheKeys(pipeline: pipeline, item: Item(id: id, scene: "t"))
        .keys(after: fetched(text))
      return zip(keys, other).map { $0 == $1 }
    }
    #expect(same(Self.pipeline()) == [true, true])
    #expect(same(Self.pipeline(1)) == [true, true])
    #expect(same(Self.pipeline(0, 1)) == [false, false])
    #expect(same(Self.pipeline(route: ["at": "embedded"])) == [false, false])
    #expect(same(Self.pipeline(), "b") == [false, false])
    #expect(same(Self.pipeline(), id: "two") == [false, false])
    var last = Self.pipeline()
    last = Pipeline(
      name: "p", providers: last.providers, stages: last.stages.dropLast() + [AnyStage(Call())])
    #expect(same(last) == [true, false])
  }

  @Test func outcomesOutliveTheProcess() async throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    let key = Digest(of: "key")
    let before = FileSystem.now
    do {
      let memory = try StageCache(runFolder)
      #expect(try await memory.outcome(of: key) == nil)
      try await memory.store(fetched("a"), as: key)
      try await memory.store(fetched("b"), as: key)
    }
    let known = try #require(try await StageCache(runFolder).outcome(of: key))
    #expect(known.asset == fetched("b"))
    #expect(known.made > before && known.made <= FileSystem.now)
    #expect(try await StageCache(runFolder).outcome(of: Digest(of: "other")) == nil)
  }

  @Test func theInputsOfAnOutcomeAreKnownThoughAnOlderVersionStoredIt() async throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    let key = Digest(of: "key")
    try await StageCache(runFolder).store(fetched("a"), as: key)
    let wanted = StageCacheKeys.inputs(of: fetched("a"))
    #expect(try await StageCache(runFolder).memo(of: key)?.inputs == wanted)
    let database = try Database(.file(runFolder.state + "/memory.sqlite"))
    #expect(try database.execute("UPDATE outcomes SET inputs = NULL") == 1)
    #expect(try await StageCache(runFolder).memo(of: key)?.inputs == wanted)
  }
}
