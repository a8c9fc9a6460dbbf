import Core
import Pipelines

extension Pipeline {
  /// Why files that are made after a paying step cannot be made of a scene, as far as that is known
  /// before anything is paid; the result is of the scene's kind.
  public func faultsAfterPaying(_ scene: Media, of item: Item) -> [SwaplineError] {
    guard let paying = stages.firstIndex(where: { $0.estimateCost != nil }) else { return [] }
    var expected = Asset(item: item)
    expected.media = [.scene: scene, .result: scene]
    return stages[(paying + 1)...].flatMap { stage -> [SwaplineError] in
      guard let orders = stage.orders else { return [] }
      do {
        return try orders(expected, scene).compactMap { $0.fault?.at(stage.name) }
      } catch let error as SwaplineError {
        return [error.at(stage.name)]
      } catch {
        return []
      }
    }
  }
}
