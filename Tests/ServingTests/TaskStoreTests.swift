import Core
import Serving
import TestSupport
import Testing

@Suite struct TaskStoreTests {
  let order = SwapOrder(
    model: "m", sceneURL: "http://a/s.png", sceneField: "scene",
    faces: [SwapOrder.Face("http://a/f.png", field: "face")], param: ["model": "m"])
  let media = Media(
    kind: .image, format: .png, width: 2, height: 3, size: 4, digest: Digest(of: "x"))

  func store(_ credits: Credits? = .whole(10)) async throws -> TaskStore {
    let store = try TaskStore(.memory)
    try await store.grant(credits, to: "a")
    return store
  }

  func create(_ store: TaskStore, key: String? = nil, queueLimit: Int = .max) async throws
    -> TaskStore.Creation
  {
    try await store.create(
      order, facade: "crun", account: "a", price: .whole(1), idempotencyKey: key,
      queueLimit: queueLimit)
  }

  @Test func sixtyFourAtOnceSpendNoMoreThanThereIs() async throws {
    let store = try await store()
    let made = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<64 {
        group.addTask {
          if case .created = try await create(store) { return true }
          return false
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(made == 10)
    #expect(try await store.balance(of: "a") == .zero)
    guard case .poor(let available) = try await create(store) else {
      Issue.record("too few credits were wanted")
      return
    }
    #expect(available == .zero)
  }

  @Test func successChargesAndFailureGivesBackOnce() async throws {
    let store = try await store()
    _ = try await create(store)
    _ = try await create(store)
    #expect(try await store.balance(of: "a") == .whole(8))
    let first = try #require(try await store.claim())
    let second = try #require(try await store.claim())
    #expect(try await store.claim() == nil)
    #expect(first.status == .running && first.id != second.id)
    let ending = TaskEnding.result(name: "r.png", expires: 9, media: media)
    let failure = TaskEnding.failure(SwaplineError(.noFace, "no face"))
    for _ in 0..<3 {
      try await store.finish(first.id, ending)
      try await store.finish(second.id, failure)
      try await store.finish(first.id, failure)
    }
    #expect(try await store.balance(of: "a") == .whole(9))
    #expect(try await store.billable() == 1)
    #expect(try await store.task(first.id, of: "a")?.ending == ending)
    #expect(try await store.task(second.id, of: "a")?.ending == failure)
    #expect(try await store.task(second.id, of: "a")?.status == .failed)
  }

  @Test func anIdempotencyKeyGivesTheSameTask() async throws {
    let store = try await store()
    guard case .created(let first) = try await create(store, key: "k"),
      case .repeated(let second) = try await create(store, key: "k")
    else {
      Issue.record("the same task was wanted")
      return
    }
    #expect(first == second)
    #expect(try await store.balance(of: "a") == .whole(9))
    var other = order
    other.param = ["model": "n"]
    let conflict = try await store.create(
      other, facade: "crun", account: "a", price: .whole(1), idempotencyKey: "k")
    #expect(conflict == .conflict)
    try await store.grant(nil, to: "b")
    let foreign = try await store.create(
      order, facade: "crun", account: "b", price: .whole(1), idempotencyKey: "k")
    guard case .created(let task) = foreign else {
      Issue.record("another account's key was taken for this one's")
      return
    }
    #expect(try await store.task(task.id, of: "a") == nil)
  }

  @Test func theQueueIsBounded() async throws {
    let store = try await store()
    _ = try await create(store, queueLimit: 2)
    _ = try await create(store, queueLimit: 2)
    #expect(try await create(store, queueLimit: 2) == .full(waiting: 2))
    #expect(try await store.balance(of: "a") == .whole(8))
    _ = try await store.claim()
    guard case .created = try await create(store, queueLimit: 2) else {
      Issue.record("a place was free")
      return
    }
  }

  @Test func aRestartKeepsTasksAndCredits() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/tasks.sqlite"
    var before: TaskRecord?
    do {
      let store = try TaskStore(.file(path))
      try await store.grant(.whole(10), to: "a")
      for _ in 0..<2 { _ = try await create(store) }
      before = try await store.claim()
    }
    let store = try TaskStore(.file(path))
    try await store.grant(.whole(10), to: "a")
    #expect(try await store.balance(of: "a") == .whole(8))
    #expect(try await store.recover(limit: 2).isEmpty)
    let again = try #require(try await store.claim())
    #expect(again.id == before?.id)
    #expect(again.attempts == 2)
    #expect(try await store.recover(limit: 2).map(\.id) == [again.id])
    try await store.release(again.id)
    #expect(try await store.claim()?.attempts == 2)
  }

  @Test func aLoweredGrantNeverShowsLessThanNothing() async throws {
    let store = try await store(.whole(3))
    for _ in 0..<3 { _ = try await create(store) }
    try await store.grant(.whole(1), to: "a")
    #expect(try await store.balance(of: "a") == .zero)
    try await store.grant(.whole(4), to: "a")
    #expect(try await store.balance(of: "a") == .whole(1))
    #expect(try await store.balance(of: "nobody") == .zero)
  }
}
