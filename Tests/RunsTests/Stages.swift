import Core
import Pipelines
import TestSupport

/// A first stage whose one parameter changes nothing.
struct Take: Stage {
  var number = 0
  static let declaration = StageDeclaration<Take>(
    "take", "Takes.", example: "take",
    parameters: [Parameter("number", \.number, in: 0...9, "A number.")])

  func run(_ input: Requested, in context: StageContext) async throws -> Fetched {
    var asset = input.asset
    asset.media[.scene] = facts(asset.item.scene)
    return try Fetched(asset)
  }
}

/// A stage that calls a provider by name.
struct Call: Stage {
  var number = 0
  static let declaration = StageDeclaration<Call>(
    "call", "Calls.", example: "call",
    parameters: [Parameter("number", \.number, in: 0...9, "A number.")])
  var needs: [StageNeed] { [.provider(name: "crun", settings: nil)] }

  func run(_ input: Fetched, in context: StageContext) async throws -> Fetched { input }
}
