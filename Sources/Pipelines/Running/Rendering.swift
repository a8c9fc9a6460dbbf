import Core
import Processing

/// Makes the renditions of neighbouring steps from one decode of the main media.
struct Rendering {
  let context: StageContext
  let main: Media

  /// The asset after each step.
  func apply(
    _ steps: [(stage: String, orders: [RenditionOrder])], to asset: Asset
  ) async throws -> [Asset] {
    let source = context.folder.file(main)
    let requests = steps.flatMap(\.orders).compactMap(\.request).map { request in
      var placed = request
      placed.rights = request.rights ?? asset.rights ?? asset.keptRights
      placed.output = context.folder.temporaryFile("rendition") + "." + request.format.name
      return placed
    }
    var made: [Rendered] = []
    if !requests.isEmpty {
      made = try await context.media.render(RenderRequest(file: source, renditions: requests))
      guard made.count == requests.count else {
        throw SwaplineError(
          .internal, "\(requests.count) renditions were asked for, and \(made.count) made.")
      }
    }
    var answers = made.makeIterator()
    var states: [Asset] = []
    var current = asset
    for (stage, orders) in steps {
      for order in orders {
        var media = main
        if order.request != nil, let answer = answers.next() {
          media = answer.media
          try context.folder.keep(answer.file, as: media)
          current.history += answer.changes.map { $0.made(by: stage, for: order.file) }
        }
        current.renditions.removeAll { $0.file == order.file }
        current.renditions.append(Rendition(file: order.file, stage: stage, media: media))
      }
      current.note(Self.summary(orders, in: current))
      states.append(current)
      // The runner turns the last entry into the stage's facts.
      current.stages.removeLast()
    }
    return states
  }

  private static func summary(_ orders: [RenditionOrder], in asset: Asset) -> String {
    let names = Set(orders.map(\.file))
    return asset.renditions.filter { names.contains($0.file) }
      .map { "\($0.file) \($0.media.width)x\($0.media.height)" }.joined(separator: ", ")
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
