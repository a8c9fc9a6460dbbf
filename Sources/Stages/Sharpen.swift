import Core
import Pipelines
import Processing

/// Sharpens every file that is made after it, once it has its size: what was scaled down looks soft.
public struct Sharpen: FinishingStage {
  /// The standard deviation of the blur that finds edges, in pixels of the file: how fine they are.
  public var sigma: Double
  /// How much steeper edges become; 0 leaves them as they are.
  public var amount: Double

  /// Sharpening for the files that are made after this stage.
  public init(sigma: Double, amount: Double = 3) {
    self.sigma = sigma
    self.amount = amount
  }

  /// Enough for pictures on a screen.
  public init() {
    self.init(sigma: 0.5)
  }

  public static let declaration = StageDeclaration<Sharpen>(
    "sharpen", "Sharpens every file made after it, once it has its size.",
    example: "sharpen: { sigma: 0.5, amount: 3 }",
    parameters: [
      Parameter("sigma", \.sigma, in: 0.3...10, "How fine the edges are, in pixels of the file."),
      Parameter(
        "amount", \.amount, in: 0...20, "How much steeper edges become; 0 leaves them as they are."),
    ])

  public func finish(_ asset: Asset, main: Media, in context: StageContext) async throws -> Asset {
    var next = asset
    // Flat areas stay flat (m1), or sharpening would show noise.
    next.operations =
      (asset.operations ?? []) + [
        PixelOperation("sharpen", ["sigma": .init(sigma), "m1": 0.0, "m2": .init(amount)])
      ]
    context.note("sigma \(sigma), amount \(amount)")
    return next
  }
}
