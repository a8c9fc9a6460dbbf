import Core
import Pipelines
import Processing
import Providers

extension Swap: PayingStage {
  public func estimateCost(
    _ path: String, settings: [String: String], media: any MediaService
  ) async throws -> CostEstimate {
    guard let descriptor = ProviderDescriptor.named(provider) else {
      throw SwaplineError(.usage, "There is no provider '\(provider)'.")
    }
    let scene = try await media.probe(ProbeRequest(file: path))
    let way = try SwapStrategy(
      scene.kind, models: try descriptor.models(with: settings), allowed: bridges,
      provider: provider)
    let name = way.model.name
    let known = way.model.profile.price.value
    let price = known?.amount
    func estimate(_ way: String, calls: Int) -> CostEstimate {
      CostEstimate(
        way: way, calls: calls, price: price.map { $0 * Double(calls) },
        unit: known?.unit ?? "credits",
        money: known?.currency.map { [$0: (known?.money ?? 0) * Double(calls)] } ?? [:])
    }
    switch way {
    case .direct: return estimate("\(scene.kind.article) to \(name)", calls: 1)
    case .video: return estimate("an animation as a video to \(name), and back", calls: 1)
    case .frames:
      let frames = try await media.split(ExtractFramesRequest(file: path, output: nil))
      let equal = frames.order.count - frames.count
      let same = equal == 0 ? "" : ", \(equal) of them equal to another"
      return estimate(
        "\(scene.kind.article) frame by frame to \(name), \(frames.order.count) frames\(same)",
        calls: frames.count)
    }
  }
}
