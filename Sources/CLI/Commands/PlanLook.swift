import Core
import Files
import HTTP
import Ledgers
import Pipelines
import Processing
import Runs

/// Looks at every item of a plan, several at once: what preparing changes, what a rule refuses, what
/// the swap costs.
struct PlanLook: Sendable {
  /// What is known of one item.
  struct Outcome: Sendable {
    var lines: [String] = []
    var calls = 0
    var cost = Charge()
    var isPriced = true
    /// Whether an earlier run has its swap.
    var isBought = false
    /// Whether nothing is left to do.
    var isDone = false
    /// Why a run would fail it.
    var errors: [SwaplineError] = []
    var isRefused: Bool { !errors.isEmpty }
    /// Whether its scene lies here and was looked at.
    var isSeen = false
    /// About how many bytes its files will take.
    var bytes: Int64 = 0
  }

  /// How many items' lines are shown; of the others those that would fail.
  private static let maximumShown = 20
  private static let maximumRefused = 50

  private let pipeline: Pipeline
  private let media: KnownMedia
  private let preview: RunPreview?
  private let previewing: [AnyStage]
  private let paying: AnyStage?
  private let settings: [String: String]

  init(_ pipeline: Pipeline, media: KnownMedia, preview: RunPreview?) {
    self.pipeline = pipeline
    self.media = media
    self.preview = preview
    // Rules, and the first step that prepares: later ones find what it has made.
    let previewing = pipeline.stages.filter { $0.previewChanges != nil }
    let rules = previewing.filter { $0.name == "validate" }
    self.previewing = rules + previewing.filter { $0.name != "validate" }.prefix(1)
    paying = pipeline.stages.first { $0.estimateCost != nil }
    settings = pipeline.calledProviders.first.flatMap { pipeline.providers[$0]?.values } ?? [:]
  }

  /// Looks at the items, shows the first ones, and sums up all.
  func sum(
    _ entries: AnySequence<Result<Item, ItemFailure>>, sample: Int?, total: Int?,
    show: (String) -> Void
  ) async throws -> PlanSum {
    var sum = PlanSum(total: total, isPaying: paying != nil)
    let waiting = entries.makeIterator()
    var ended: [Int: (String, Outcome)] = [:]
    var shown = 0
    try await withThrowingTaskGroup(of: (Int, String, Outcome).self) { group in
      var (begun, underWay) = (0, 0)
      var (refused, told) = (0, 0)
      var hasMore = true
      while true {
        while hasMore, underWay < 4 * WorkerPool.cores, begun < sample ?? .max {
          guard let entry = waiting.next() else {
            hasMore = false
            break
          }
          switch pipeline.checked(entry) {
          case .failure(let error):
            sum.add(badRow: error.error)
            if sum.badRows <= Self.maximumRefused { show("\(error.error.description)\n") }
          case .success(let item):
            let number = begun
            begun += 1
            underWay += 1
            group.addTask { (number, item.id, try await look(at: item)) }
          }
        }
        guard let (number, id, outcome) = try await group.next() else { break }
        underWay -= 1
        ended[number] = (id, outcome)
        sum.add(outcome)
        while let (id, outcome) = ended.removeValue(forKey: shown) {
          shown += 1
          if outcome.isRefused { refused += 1 }
          guard shown <= Self.maximumShown || (outcome.isRefused && refused <= Self.maximumRefused)
          else {
            continue
          }
          told += 1
          for line in outcome.lines { show("\(id): \(line)\n") }
        }
      }
      sum.looked = begun
      sum.unshown = begun - told
      if hasMore {
        var rest = 0
        while total == nil, rest < 1_000_000, let _ = waiting.next() { rest += 1 }
        if total == nil { sum.total = begun + rest }
      } else if total == nil {
        sum.total = begun
      }
    }
    return sum
  }

  private func look(at item: Item) async throws -> Outcome {
    var outcome = Outcome()
    if let standing = try await preview?.standing(of: item, in: pipeline),
      !standing.done.isEmpty || standing.reason != nil
    {
      outcome.lines.append(Self.text(standing))
      outcome.isDone = standing.next == nil
      outcome.isBought =
        outcome.isDone || paying.map { standing.done.contains($0.name) } == true
      if outcome.isBought { return outcome }
    }
    for role in Role.allCases {
      guard let path = Self.local(item.reference(for: role)) else { continue }
      for stage in previewing {
        guard let previewChanges = stage.previewChanges else { continue }
        await tell(&outcome, "\(stage.name), \(role.rawValue)") { _ in
          let changes = try await previewChanges(path, role, settings, media)
          // A rule that is met changes nothing, and is not told.
          if stage.gives == nil || stage.name == "validate" { return nil }
          return changes.isEmpty
            ? "passes as it is"
            : changes.map { "\($0.kind.rawValue) \($0.from) → \($0.to) (\($0.reason))" }
              .joined(separator: "; ")
        }
      }
    }
    guard let path = Self.local(item.scene) else { return outcome }
    await tell(&outcome, nil) { outcome in
      let scene = try await media.probe(ProbeRequest(file: path))
      outcome.isSeen = true
      outcome.bytes = bytes(scene, item)
      for fault in pipeline.faultsAfterPaying(scene, of: item) { throw fault }
      return nil
    }
    if let paying, let estimateCost = paying.estimateCost {
      await tell(&outcome, paying.name) { outcome in
        let cost = try await estimateCost(path, settings, media)
        outcome.calls = cost.calls
        outcome.cost = Charge(credits: cost.price ?? 0, money: cost.money)
        outcome.isPriced = cost.price != nil
        let counted = "\(cost.way): \(cost.calls) swap\(cost.calls == 1 ? "" : "s")"
        return counted + (cost.price == nil ? ", price not known" : ", \(Money.text(outcome.cost))")
      }
    }
    // What is refused before it buys nothing.
    if outcome.isRefused { (outcome.calls, outcome.cost) = (0, Charge()) }
    return outcome
  }

  private func tell(
    _ outcome: inout Outcome, _ place: String?, _ text: (inout Outcome) async throws -> String?
  ) async {
    do {
      guard let text = try await text(&outcome) else { return }
      outcome.lines.append((place.map { "\($0): " } ?? "") + text)
    } catch {
      let known = error as? SwaplineError ?? SwaplineError(.internal, "\(error)")
      outcome.errors.append(known)
      let at = place ?? known.place
      outcome.lines.append(
        (at.map { "\($0): " } ?? "") + "would fail: \(known.message)"
          + (known.hint.map { " \($0)" } ?? ""))
    }
  }

  /// About what an item's files take: the scene as it is sent or brought within limits, the result, and
  /// what is made of it at half a byte a pixel. The scene itself stays where it is.
  private func bytes(_ scene: Media, _ item: Item) -> Int64 {
    let pixels = Int64(scene.width * scene.height * max(1, scene.frames))
    let result = paying == nil ? 0 : scene.kind == .video ? scene.size : pixels
    let made = pipeline.stages.reduce(0) { sum, stage in
      sum + (stage.makesFiles(of: scene, item: item) ?? 0)
    }
    let isChanged = paying != nil || pipeline.stages.contains { $0.name == "normalize" }
    return (isChanged ? scene.size : 0) + result + Int64(made) * max(16_384, pixels / 2)
  }

  private static func text(_ standing: RunPreview.Standing) -> String {
    guard let next = standing.next else { return "done before, nothing runs again" }
    let done =
      standing.done.isEmpty ? "" : "\(standing.done.joined(separator: ", ")) done before; "
    return done + "\(next) runs" + (standing.reason.map { " again: \($0)" } ?? "")
  }

  /// The path of what lies here; nil for other addresses.
  private static func local(_ reference: String?) -> String? {
    reference.flatMap(LocalReference.path).map { FileSystem.absolute($0) }
  }
}
