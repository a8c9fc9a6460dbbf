import Core
import TestSupport
import Testing

@testable import Serving

/// What every store of tasks promises.
@Suite struct TaskStoreTests {
  private func store(
    _ backend: StoreBackend, _ credits: Credits? = .whole(10)
  ) async throws -> any TaskStore {
    let store = try await backend.store()
    try await store.grant(credits, to: "a")
    return store
  }

  @Test(arguments: StoreBackend.here)
  func sixtyFourAtOnceSpendNoMoreThanThereIs(_ backend: StoreBackend) async throws {
    let store = try await store(backend)
    let made = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<64 {
        group.addTask {
          if case .created = try await store.create() { return true }
          return false
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(made == 10)
    #expect(try await store.balance(of: "a") == .zero)
    #expect(try await store.create() == .poor(available: .zero))
  }

  @Test(arguments: StoreBackend.here)
  func successChargesAndFailureGivesBackOnce(_ backend: StoreBackend) async throws {
    let store = try await store(backend)
    for _ in 0..<2 { _ = try await store.create() }
    #expect(try await store.balance(of: "a") == .whole(8))
    let first = try #require(try await store.claim())
    let second = try #require(try await store.claim())
    #expect(try await store.claim() == nil)
    #expect(first.status == .running && first.id != second.id)
    for _ in 0..<3 {
      #expect(try await store.finish(first, Sample.result()))
      #expect(try await store.finish(second, Sample.failure))
      #expect(try await store.finish(first, Sample.failure))
    }
    #expect(try await store.balance(of: "a") == .whole(9))
    #expect(try await store.billable() == 1)
    #expect(try await store.task(first.id, of: "a")?.ending == Sample.result())
    #expect(try await store.task(second.id, of: "a")?.ending == Sample.failure)
    #expect(try await store.task(second.id, of: "a")?.status == .failed)
  }

  @Test(arguments: StoreBackend.here)
  func aClaimThatEndedWritesNothingMore(_ backend: StoreBackend) async throws {
    let store = try await store(backend)
    _ = try await store.create()
    let late = try #require(try await store.claim(for: TimeSpan(milliseconds: 0)))
    #expect(try await store.recover(limit: 3, isAlone: false).isEmpty)
    // Nobody has it now, and nobody may end it.
    #expect(try await !store.finish(late, Sample.result("late.png")))
    #expect(try await store.renew([late], for: .hours(1)).isEmpty)
    let taken = try #require(try await store.claim())
    #expect(taken.id == late.id && taken.epoch > late.epoch && taken.attempts == 2)
    #expect(try await !store.finish(late, Sample.result("late.png")))
    #expect(try await store.renew([late, taken], for: .hours(1)) == [taken.id])
    try await store.release(late)
    #expect(try await store.task(late.id, of: "a")?.status == .running)
    #expect(try await store.finish(taken, Sample.result("r.png")))
    #expect(try await !store.finish(late, Sample.failure))
    #expect(try await store.task(late.id, of: "a")?.ending == Sample.result("r.png"))
    #expect(try await store.balance(of: "a") == .whole(9))
    #expect(try await store.billable() == 1)
    #expect(try await store.expire(before: 100) == ["r.png"])
  }

  @Test(arguments: StoreBackend.here)
  func whatIsRenewedIsLeftAlone(_ backend: StoreBackend) async throws {
    let store = try await store(backend)
    for _ in 0..<2 { _ = try await store.create() }
    let first = try #require(try await store.claim(for: TimeSpan(milliseconds: 0)))
    let second = try #require(try await store.claim(for: TimeSpan(milliseconds: 0)))
    #expect(try await store.renew([first], for: .hours(1)) == [first.id])
    #expect(try await store.recover(limit: 3, isAlone: false).isEmpty)
    #expect(try await store.claim()?.id == second.id)
    #expect(try await store.claim() == nil)
    // Who is alone knows that nobody works on any of them.
    #expect(try await store.recover(limit: 3, isAlone: true).isEmpty)
    #expect(try await store.claim()?.id == first.id)
  }

  @Test(arguments: StoreBackend.here)
  func whatIsBegunTooOftenIsGivenBack(_ backend: StoreBackend) async throws {
    let store = try await store(backend)
    _ = try await store.create()
    for _ in 0..<2 {
      _ = try await store.claim(for: TimeSpan(milliseconds: 0))
      #expect(try await store.recover(limit: 3, isAlone: false).isEmpty)
    }
    let last = try #require(try await store.claim(for: TimeSpan(milliseconds: 0)))
    #expect(try await store.recover(limit: 3, isAlone: false).map(\.id) == [last.id])
    #expect(try await store.claim() == nil)
    #expect(try await store.finish(last, Sample.failure))
    #expect(try await store.balance(of: "a") == .whole(10))
  }

  @Test(arguments: StoreBackend.here)
  func anIdempotencyKeyGivesTheSameTask(_ backend: StoreBackend) async throws {
    let store = try await store(backend)
    guard case .created(let first) = try await store.create(key: "k"),
      case .repeated(let second) = try await store.create(key: "k")
    else {
      Issue.record("the same task was wanted")
      return
    }
    #expect(first == second)
    #expect(try await store.balance(of: "a") == .whole(9))
    #expect(try await store.create(Sample.order("n"), key: "k") == .conflict)
    try await store.grant(nil, to: "b")
    guard case .created(let task) = try await store.create(account: "b", key: "k") else {
      Issue.record("another account's key was taken for this one's")
      return
    }
    #expect(try await store.task(task.id, of: "a") == nil)
  }

  @Test(arguments: StoreBackend.here)
  func anOrderComesOutAsItWentIn(_ backend: StoreBackend) async throws {
    let store = try await store(backend)
    let order = SwapOrder(
      model: "größe", kind: .video, sceneURL: "http://a/'s.mp4", sceneField: "scene",
      faces: [SwapOrder.Face("http://a/f.png", field: "face", index: 3)],
      callbackURL: "http://c/", resultFormat: .webm, param: ["text": "a\nb\"c\\d"])
    guard case .created(let task) = try await store.create(order, price: .whole(2)) else {
      Issue.record("a task was wanted")
      return
    }
    #expect(task.order == order && task.price == .whole(2) && task.status == .pending)
    let claimed = try #require(try await store.claim())
    let faces = TaskEnding.faces(DetectedFaces(files: ["a.jpg", "b.jpg"], expires: 7))
    #expect(try await store.finish(claimed, faces))
    let ended = try #require(try await store.task(task.id, of: "a"))
    #expect(ended.order == order && ended.ending == faces && ended.seconds != nil)
  }

  @Test(arguments: StoreBackend.here)
  func theQueueIsBounded(_ backend: StoreBackend) async throws {
    let store = try await store(backend)
    for _ in 0..<2 { _ = try await store.create(queueLimit: 2) }
    #expect(try await store.create(queueLimit: 2) == .full(waiting: 2))
    #expect(try await store.balance(of: "a") == .whole(8))
    _ = try await store.claim()
    guard case .created = try await store.create(queueLimit: 2) else {
      Issue.record("a place was free")
      return
    }
  }

  @Test(arguments: StoreBackend.here)
  func aLoweredGrantNeverShowsLessThanNothing(_ backend: StoreBackend) async throws {
    let store = try await store(backend, .whole(3))
    for _ in 0..<3 { _ = try await store.create() }
    try await store.grant(.whole(1), to: "a")
    #expect(try await store.balance(of: "a") == .zero)
    try await store.grant(.whole(4), to: "a")
    #expect(try await store.balance(of: "a") == .whole(1))
    #expect(try await store.balance(of: "nobody") == .zero)
    try await store.grant(nil, to: "a")
    #expect(try await store.balance(of: "a") == nil)
  }

  @Test(arguments: StoreBackend.here)
  func aCallbackIsSentByOneAtATime(_ backend: StoreBackend) async throws {
    let store = try await store(backend)
    _ = try await store.create(Sample.order(callback: "http://c/"))
    #expect(try await store.nextDelivery() == nil)
    let task = try #require(try await store.claim())
    #expect(try await store.finish(task, Sample.result()))
    #expect(try await store.nextDelivery() == 0)
    let slow = try await store.dueDeliveries(limit: 9, for: TimeSpan(milliseconds: 0))
    #expect(slow.map(\.url) == ["http://c/"] && slow.map(\.attempts) == [0])
    // Its time was over at once, so another one takes it up; the first one's notes are void.
    let quick = try await store.dueDeliveries(limit: 9, for: .hours(1))
    #expect(quick.map(\.task.id) == [task.id] && quick.map(\.attempts) == [1])
    #expect(try await store.dueDeliveries(limit: 9, for: .hours(1)).isEmpty)
    #expect(try #require(try await store.nextDelivery()) > 0)
    try await store.noteDelivery(slow[0], next: nil)
    try await store.returnDelivery(slow[0])
    #expect(try await store.tally().dueCallbacks == 1)
    try await store.returnDelivery(quick[0])
    let again = try await store.dueDeliveries(limit: 9, for: .hours(1))
    #expect(again.map(\.attempts) == [1])
    try await store.noteDelivery(again[0], next: .hours(1))
    #expect(try await store.dueDeliveries(limit: 9, for: .hours(1)).isEmpty)
    #expect(try await store.tally().dueCallbacks == 1)
    try await store.noteDelivery(again[0], next: nil)
    #expect(try await store.nextDelivery() == nil)
    #expect(try await store.tally().dueCallbacks == 0)
  }

  @Test(arguments: StoreBackend.here)
  func uploadsKeepToTheirLimits(_ backend: StoreBackend) async throws {
    let store = try await store(backend)
    let limits = UploadLimits(
      bytesPerKey: .kilobytes(10), filesPerKey: 2, bytes: .kilobytes(15), files: 3)
    func place(_ name: String, _ account: String) async throws -> UploadProblem? {
      try await store.expect(name, from: account, until: 50, within: limits)
    }
    func keep(_ name: String, _ size: Int64, _ text: String = "x") async throws -> UploadProblem? {
      try await store.keep(
        name, until: 50, size: size, digest: Digest(of: text), within: limits)
    }
    for name in ["a1", "a2"] { #expect(try await place(name, "a") == nil) }
    #expect(try await place("a3", "a") == .filesOfKey(2, most: 2))
    #expect(try await place("b1", "b") == nil)
    #expect(try await place("c1", "c") == .files(most: 3))
    #expect(try await keep("a1", 8_000) == nil)
    #expect(try await keep("a1", 10, "y") == .taken)
    #expect(try await keep("a2", 3_000) == .bytesOfKey(8_000, most: .kilobytes(10)))
    #expect(try await keep("b1", 8_000) == .bytes(most: .kilobytes(15)))
    #expect(try await keep("a2", 2_000) == nil)
    #expect(try await store.digest(of: "a1") == Digest(of: "x").hex)
    #expect(try await store.digest(of: "b1") == nil)
    #expect(try await store.files() == ["a1", "a2", "b1"])
    #expect(try await store.uploads().map(\.size).sorted() == [0, 2_000, 8_000])
    #expect(try await store.tally().files == 2)
    #expect(try await store.expire(before: 50).isEmpty)
    #expect(try await store.expire(before: 51).sorted() == ["a1", "a2", "b1"])
    #expect(try await place("c1", "c") == nil)
  }

  @Test(arguments: StoreBackend.here)
  func requestsAreLimitedByKey(_ backend: StoreBackend) async throws {
    let store = try await store(backend)
    let rate = RequestRate(perMinute: 1, burst: 2)
    for _ in 0..<2 { #expect(try await store.takeRequest(of: "a", within: rate) == nil) }
    let wait = try #require(try await store.takeRequest(of: "a", within: rate))
    #expect(wait > .seconds(1) && wait <= .seconds(60))
    #expect(try await store.takeRequest(of: "b", within: rate) == nil)
    let free = RequestRate(perMinute: nil)
    for _ in 0..<9 { #expect(try await store.takeRequest(of: "a", within: free) == nil) }
  }

  @Test(arguments: StoreBackend.here)
  func whatIsCountedIsWhatThereIs(_ backend: StoreBackend) async throws {
    let store = try await store(backend, nil)
    for number in 0..<12 {
      _ = try await store.create(Sample.order(number % 2 == 0 ? "m" : "n"), price: .whole(2))
    }
    for number in 0..<9 {
      let task = try #require(try await store.claim())
      switch number % 4 {
      case 0: _ = try await store.finish(task, Sample.result("\(number).png"))
      case 1: _ = try await store.finish(task, Sample.failure)
      case 2:
        _ = try await store.finish(task, .faces(DetectedFaces(files: [], expires: 9)))
      default: break
      }
    }
    let rows = try await store.tally().rows.map {
      "\($0.model) \($0.status.rawValue) \($0.count) \(Int($0.credits))"
    }
    #expect(
      rows == [
        "m pending 1 0", "m success 5 10", "n failed 2 0", "n pending 2 0", "n running 2 0",
      ])
    #expect(try await store.billable() == 3)
    #expect(try await store.waiting() == 3)
    #expect(try await store.unfinished() == 5)
  }

  @Test func aRestartKeepsTasksAndCredits() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/tasks.sqlite"
    var before: TaskRecord?
    do {
      let store = try SQLiteTaskStore(.file(path))
      try await store.grant(.whole(10), to: "a")
      for _ in 0..<2 { _ = try await store.create() }
      before = try await store.claim()
    }
    let store = try SQLiteTaskStore(.file(path))
    try await store.grant(.whole(10), to: "a")
    #expect(try await store.balance(of: "a") == .whole(8))
    #expect(try await store.recover(limit: 2, isAlone: true).isEmpty)
    let again = try #require(try await store.claim())
    #expect(again.id == before?.id)
    #expect(again.attempts == 2)
    #expect(try await store.recover(limit: 2, isAlone: true).map(\.id) == [again.id])
    try await store.release(again)
    #expect(try await store.claim()?.attempts == 2)
  }
}
