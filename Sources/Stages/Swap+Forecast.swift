import Core
import Pipelines
import Processing
import Providers

extension Swap: PayingStage {
  public func forecast(
    _ path: String, settings: [String: String], media: any MediaService
  ) async throws -> SwapForecast {
    guard let descriptor = ProviderDescriptor.named(provider) else {
      throw SwaplineError(.usage, "There is no provider '\(provider)'.")
    }
    let scene = try await media.probe(ProbeRequest(file: path))
    let way = try SwapWay(
      scene.kind, models: try descriptor.models(with: settings), allowed: bridges,
      provider: provider)
    let name = way.model.name
    let price = way.model.profile.price.value?.amount
    func forecast(_ way: String, calls: Int) -> SwapForecast {
      SwapForecast(
        way: way, calls: calls, price: price.map { $0 * Double(calls) },
        unit: self.unit(name, descriptor))
    }
    switch way {
    case .direct: return forecast("\(scene.kind.article) to \(name)", calls: 1)
    case .film: return forecast("an animation as a film to \(name), and back", calls: 1)
    case .frames:
      let frames = try await media.split(SplitRequest(file: path, output: nil))
      let equal = frames.order.count - frames.count
      let same = equal == 0 ? "" : ", \(equal) of them equal to another"
      return forecast(
        "\(scene.kind.article) frame by frame to \(name), \(frames.order.count) frames\(same)",
        calls: frames.count)
    }
  }

  private func unit(_ model: String, _ descriptor: ProviderDescriptor) -> String {
    descriptor.models.first { $0.name == model }?.profile.price.value?.unit ?? "credits"
  }
}
