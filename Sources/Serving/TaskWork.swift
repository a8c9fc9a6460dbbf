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
      // Of this claim: an earlier one of the same task may still be ending here.
      folder = try await vault.makeWork("\(task.id)-\(task.epoch)")
    } catch let error as SwaplineError {
      return .failure(error)
    }
    let ending: Result<TaskEnding, any Error>
    do {
      ending = .success(try await bounded(task.order.kind) { try await swap(task, in: folder) })
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

  /// Removes the files of an ending that came too late.
  func discard(_ ending: TaskEnding) async {
    switch ending {
    case .result(let name, _, _): try? await vault.remove([name])
    case .faces(let found): try? await vault.remove(found.files)
    case .failure: break
    }
  }

  private func swap(_ task: TaskRecord, in folder: String) async throws -> TaskEnding {
    if configuration.delay.milliseconds > 0 {
      try await Task.pause(for: configuration.delay.duration)
    }
    let order = task.order
    guard !order.faces.isEmpty else { return try await detect(order, in: folder) }
    async let sceneMedia = input(order.sceneURL, order.kind, order.sceneField, folder + "/scene")
    // A face that stands for several is fetched once for each: they are few.
    var faces: [(file: String, face: SwapOrder.Face)] = []
    for (number, face) in order.faces.enumerated() {
      let (file, _) = try await input(face.url, .image, face.field, "\(folder)/face-\(number)")
      faces.append((file, face))
    }
    let scene = try await sceneMedia
    let format = order.resultFormat ?? format(of: order.kind, scene: scene.media.format)
    let request = SwapRequest(
      scene: scene.file, faces: faces.map { NewFace(file: $0.file, index: $0.face.index) },
      output: folder + "/result." + format.name, format: format,
      decoding: configuration.inputs.guards, weights: configuration.engine)
    let names =
      [(scene.file, order.sceneField)] + faces.map { ($0.file, $0.face.field) }
      + [(folder, "the server")]
    let answer = try await Self.naming(names) { try await media.swap(request) }
    let name = try await keep(
      answer.file, answer.media.format, FileName.title(ofAddress: order.sceneURL))
    let expires = configuration.now() + configuration.resultLifetime.milliseconds / 1_000
    return .result(name: name, expires: expires, media: answer.media)
  }

  /// A GIF stays a GIF, and a video one of its own container where results may be such.
  private func format(of kind: MediaKind, scene: MediaFormat) -> MediaFormat {
    switch kind {
    case .image: configuration.resultFormat
    case .animation: .gif
    case .video: scene == .webm ? .webm : .mp4
    }
  }

  /// Finds the faces of a still and keeps a picture of each.
  private func detect(_ order: SwapOrder, in folder: String) async throws -> TaskEnding {
    let scene = try await input(order.sceneURL, .image, order.sceneField, folder + "/scene")
    let guards = configuration.inputs.guards
    let names = [(scene.file, order.sceneField), (folder, "the server")]
    let files = try await Self.naming(names) {
      let boxes = try await media.findFaces(FindFacesRequest(file: scene.file, limits: guards))
      guard !boxes.isEmpty else {
        throw SwaplineError(
          .noFace, "There is no face in \(order.sceneField).",
          hint: "Use a picture in which a face looks at the camera.")
      }
      let renditions = boxes.prefix(SwapOrder.maximumDetectedFaces).enumerated().map {
        number, box in
        RenditionRequest(
          output: "\(folder)/found-\(number).jpg", format: .jpg, width: 256, height: 256,
          region: box.widened)
      }
      return try await media.render(
        RenderRequest(file: scene.file, renditions: Array(renditions), decoding: guards))
    }
    var kept: [String] = []
    for file in files { kept.append(try await keep(file.file, .jpg, nil)) }
    let expires = configuration.now() + configuration.detectionLifetime.milliseconds / 1_000
    return .faces(DetectedFaces(files: kept, expires: expires))
  }

  /// Keeps a file under a new name, which has `title` in it.
  private func keep(
    _ file: String, _ format: MediaFormat, _ title: String?
  ) async throws -> String {
    let name = FileName.make(title, format)
    guard try await vault.keep(file, as: name) else {
      throw SwaplineError(.internal, "The name of the result is already used.")
    }
    return name
  }

  /// Brings one input home and measures it.
  private func input(
    _ url: String, _ kind: MediaKind, _ field: String, _ path: String
  ) async throws -> (file: String, media: Media) {
    let input = try await fetcher.fetch(url, as: kind, field: field, to: path)
    let request = ProbeRequest(file: input.path, limits: configuration.inputs.guards)
    do {
      let facts = try await Self.naming([(input.path, field)]) { try await media.probe(request) }
      try configuration.inputs.check(facts, as: kind, field: field)
      return (input.path, facts)
    } catch var error as SwaplineError {
      if !error.message.contains(field) { error.message = "\(field): \(error.message)" }
      throw error
    }
  }

  /// Runs `body` no longer than a task may take.
  private func bounded(
    _ kind: MediaKind, _ body: @escaping @Sendable () async throws -> TaskEnding
  ) async throws -> TaskEnding {
    let limit = kind == .image ? configuration.taskTimeout : configuration.movingTaskTimeout
    return try await withThrowingTaskGroup(of: TaskEnding.self) { group in
      group.addTask(operation: body)
      group.addTask {
        try await Task.pause(until: .now + limit.duration)
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

extension FaceBox {
  /// A square around the face with a third of its size on every side, for people to look at.
  fileprivate var widened: FaceBox {
    let side = max(width, height) * 5 / 3
    return FaceBox(
      x: x + width / 2 - side / 2, y: y + height / 2 - side / 2, width: side, height: side,
      score: score)
  }
}
