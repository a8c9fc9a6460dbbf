import Core
import Glibc
import Processing

/// The work of one task: both inputs brought home, measured, swapped, the result kept.
struct TaskWork: Sendable {
  let configuration: ServerConfiguration
  let media: any MediaService
  let fetcher: InputFetcher
  let vault: FileVault

  /// Does the work and says how it ended. Throws `CancellationError` when it was stopped half-way,
  /// which is no ending: the task is taken up again later.
  func perform(_ task: TaskRecord) async throws -> TaskEnding {
    let folder: String
    do {
      folder = try await vault.makeWork(task.id)
    } catch let error as SwaplineError {
      return .failure(error)
    }
    let ending: Result<TaskEnding, any Error>
    do {
      ending = .success(try await bounded { try await swap(task, in: folder) })
    } catch {
      ending = .failure(error)
    }
    await vault.removeWork(folder)
    // An engine that is stopped may call it a crash of its worker.
    if Task.isCancelled, case .failure = ending { throw CancellationError() }
    do {
      return try ending.get()
    } catch let error as SwaplineError {
      return .failure(error)
    } catch let error as CancellationError {
      throw error
    } catch {
      return .failure(SwaplineError(.internal, "The swap failed for an unknown reason."))
    }
  }

  private func swap(_ task: TaskRecord, in folder: String) async throws -> TaskEnding {
    if configuration.delay.milliseconds > 0 {
      try await Task.sleep(for: configuration.delay.duration)
    }
    let order = task.order
    async let scene = input(order.sceneURL, order.sceneField, folder + "/scene")
    async let face = input(order.faceURL, order.faceField, folder + "/face")
    let files = (scene: try await scene, face: try await face)
    let format = order.resultFormat ?? configuration.resultFormat
    let request = SwapRequest(
      scene: files.scene, face: files.face, faceIndex: order.faceIndex,
      output: folder + "/result." + format.name, format: format, decoding: guards)
    let answer = try await Self.naming([
      (files.scene, order.sceneField), (files.face, order.faceField), (folder, "the server"),
    ]) { try await media.swap(request) }
    let name = Token.random(bytes: 16) + "." + answer.media.format.name
    guard try await vault.keep(answer.file, as: name) else {
      throw SwaplineError(.internal, "The name of the result is taken.")
    }
    let expires = configuration.now() + configuration.resultLifetime.milliseconds / 1_000
    return .result(name: name, expires: expires, media: answer.media)
  }

  /// Brings one input home and measures it.
  private func input(_ url: String, _ field: String, _ path: String) async throws -> String {
    let input = try await fetcher.fetch(url, field: field, to: path)
    let request = ProbeRequest(file: input.path, limits: guards)
    do {
      let facts = try await Self.naming([(input.path, field)]) { try await media.probe(request) }
      try fetcher.check(facts, field: field)
    } catch var error as SwaplineError {
      if !error.message.contains(field) { error.message = "\(field): \(error.message)" }
      throw error
    }
    return input.path
  }

  private var guards: DecodingGuard {
    DecodingGuard(
      maximumPixels: configuration.inputs.maximumPixels,
      maximumSize: configuration.inputs.maximumSize)
  }

  /// Runs `body` no longer than a task may take.
  private func bounded(
    _ body: @escaping @Sendable () async throws -> TaskEnding
  ) async throws -> TaskEnding {
    let limit = configuration.taskTimeout
    return try await withThrowingTaskGroup(of: TaskEnding.self) { group in
      group.addTask(operation: body)
      group.addTask {
        try await Task.sleep(for: limit.duration)
        throw SwaplineError(.timeout, "The swap took longer than \(limit).")
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { throw CancellationError() }
      return first
    }
  }

  /// Does `body`; an error speaks of the client's fields then, not of this machine's paths.
  private static func naming<Value>(
    _ names: [(path: String, field: String)], _ body: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await body()
    } catch var error as SwaplineError {
      error.place = nil
      for (path, field) in names {
        error.message = error.message.replacing(path, with: field)
        error.hint = error.hint?.replacing(path, with: field)
      }
      throw error
    }
  }
}
