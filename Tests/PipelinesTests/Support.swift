import Core
import FoundationEssentials
import TestSupport
import Testing

@testable import Files
@testable import Ledgers
@testable import Pipelines
@testable import Runs

/// The facts of a picture that was never written down.
func facts(_ text: String = "picture", width: Int = 640, height: Int = 480) -> Media {
  Media(
    kind: .image, format: .png, width: width, height: height, size: Int64(text.utf8.count),
    digest: Digest(of: text))
}

/// The error that `body` must throw.
func error(of body: () async throws -> Void) async throws -> SwaplineError {
  do {
    try await body()
  } catch let error as SwaplineError {
    return error
  }
  throw NoError()
}

struct NoError: Error {}

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
