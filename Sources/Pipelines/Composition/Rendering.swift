import Core
import Files
import Processing

/// Makes the renditions of neighbouring steps from one decode of the main media.
///
/// A rendition that cannot be made takes none of the others with it: it becomes a failure of the asset.
/// Where none can be made, the step fails.
package struct Rendering {
  private let main: Media
  private let context: StageContext

  /// Renditions of `main`, the main media of an asset.
  package init(of main: Media, in context: StageContext) {
    self.main = main
    self.context = context
  }

  /// The asset after each step, whose note says what was made.
  package func apply(
    _ steps: [(context: StageContext, orders: [RenditionOrder])], to asset: Asset
  ) async throws -> [Asset] {
    let requests = steps.flatMap(\.orders).compactMap { $0.fault == nil ? $0.request : nil }
      .map { request in
        var placed = request
        placed.rights = request.rights ?? asset.rights ?? asset.keptRights
        placed.operations = request.operations + (asset.operations ?? [])
        placed.output = context.folder.temporaryFile("rendition") + "." + request.format.name
        return placed
      }
    var answers = try await make(requests).makeIterator()
    var states: [Asset] = []
    var current = asset
    let shared = try await shown(steps.flatMap(\.orders), of: asset)
    var faults: [SwaplineError] = []
    var count = 0
    for (step, orders) in steps {
      let stage = step.stage
      for order in orders {
        count += 1
        var media = main
        current.failures?.removeAll { $0.file == order.file }
        do throws(SwaplineError) {
          if let fault = order.fault { throw fault }
          if order.request != nil, let answer = try answers.next()?.get() {
            media = answer.media
            try context.folder.keep(answer.file, as: answer.media)
            current.history += answer.changes.map { $0.made(by: stage, for: order.file) }
          }
          if order.request == nil {
            let answer = try shared.get()
            media = answer.media
            current.history += answer.changes.map { $0.made(by: stage, for: order.file) }
          }
        } catch {
          faults.append(error)
          let named = error.naming(context.folder.file(main), "the \(asset.mainRole.rawValue)")
          current.failures =
            (current.failures ?? [])
            + [RenditionFailure(file: order.file, stage: stage, error: named)]
          continue
        }
        current.renditions.removeAll { $0.file == order.file }
        current.renditions.append(Rendition(file: order.file, stage: stage, media: media))
      }
      if current.failures?.isEmpty == true { current.failures = nil }
      step.note(Self.summary(orders, in: current))
      states.append(current)
    }
    if let fault = faults.first, faults.count == count { throw fault }
    return states
  }

  /// What came of each request: all from one decode or, where that fails, each by itself.
  private func make(
    _ requests: [RenditionRequest]
  ) async throws -> [Result<Rendered, SwaplineError>] {
    guard !requests.isEmpty else { return [] }
    do {
      return try await render(requests).map { .success($0) }
    } catch let error as SwaplineError where !Self.isEverybodys(error) {
      guard requests.count > 1 else { return [.failure(error)] }
      var outcomes: [Result<Rendered, SwaplineError>] = []
      for request in requests {
        try Task.checkCancellation()
        FileSystem.remove(request.output)
        do {
          outcomes += try await render([request]).map { .success($0) }
        } catch let error as SwaplineError where !Self.isEverybodys(error) {
          outcomes.append(.failure(error))
        }
      }
      return outcomes
    }
  }

  private func render(_ requests: [RenditionRequest]) async throws -> [Rendered] {
    var request = RenderRequest(file: context.folder.file(main), renditions: requests)
    request.syncs = false
    let made = try await context.media.render(request)
    guard made.count == requests.count else {
      throw SwaplineError(
        .internal, "\(requests.count) renditions were asked for, and \(made.count) made.")
    }
    try await FileSystem.sync(made.map(\.file))
    return made
  }

  /// Whether every other rendition would meet the same: a full disk, a file that is gone.
  private static func isEverybodys(_ error: SwaplineError) -> Bool {
    [.storage, .notFound, .cancelled, .budget].contains(error.code)
  }

  /// What is shown where the main file itself is asked for: without private data, unless the
  /// pipeline keeps them.
  private func shown(
    _ orders: [RenditionOrder], of asset: Asset
  ) async throws -> Result<NormalizeAnswer, SwaplineError> {
    let isClean = asset.metadata == .strip && asset.mainRole == .scene
    guard orders.contains(where: { $0.request == nil }), asset.metadata != .keep, !isClean else {
      return .success(NormalizeAnswer(file: nil, media: main, changes: []))
    }
    do {
      let answer = try await context.media.normalize(
        NormalizeRequest(
          file: context.folder.file(main), output: context.folder.temporaryFile("stripped"),
          limits: MediaLimits()))
      if let file = answer.file { try context.folder.keep(file, as: answer.media) }
      return .success(answer)
    } catch let error as SwaplineError where !Self.isEverybodys(error) {
      return .failure(error)
    }
  }

  private static func summary(_ orders: [RenditionOrder], in asset: Asset) -> String {
    let names = Set(orders.map(\.file))
    let made = asset.renditions.filter { names.contains($0.file) }
      .map { "\($0.file) \($0.media.uprightWidth)x\($0.media.uprightHeight)" }
    let failed = (asset.failures ?? []).filter { names.contains($0.file) }
      .map { "\($0.file) failed" }
    return (made + failed).joined(separator: ", ")
  }
}

extension Asset {
  /// Why the item is not whole: the first rendition that could not be made, by its name; nil where all
  /// could.
  package var rendersInPart: SwaplineError? {
    guard let failures, let first = failures.first else { return nil }
    let others = failures.count - 1
    var error = first.error
    error.message =
      "\(first.file) was not made\(others > 0 ? ", and \(others) more" : ""): \(error.message)"
    error.hint =
      [error.hint, "The item's other files are there; the next run makes this one only."]
      .compactMap { $0 }.joined(separator: " ")
    return error.at(first.stage)
  }
}

extension Change {
  fileprivate func made(by stage: String, for file: String) -> Change {
    var copy = self
    copy.stage = stage
    copy.reason = "\(file): \(reason)"
    return copy
  }
}
