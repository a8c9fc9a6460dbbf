import Core
import Processing

/// A stage whose types are not known to the compiler any more: one line of a plan.
public struct AnyStage: Sendable {
  /// The name in pipeline files.
  public let name: String
  /// Every parameter with its value, defaults included.
  public let parameters: JSONValue
  /// What it needs of the rest of the pipeline.
  public let needs: [StageNeed]
  /// See `StageDeclaration.version`.
  public let version: Int
  /// See `StageDeclaration.isLasting`.
  public let isLasting: Bool
  /// The state that it takes; nil takes every state with main media.
  public let takes: StateKind?
  /// The state that it gives; nil leaves the state as it is.
  public let gives: StateKind?

  /// What is wrong with its parameters: values out of range, or that do not go together.
  public let problems: [Finding]

  package let body: @Sendable (Asset, StageContext) async throws -> Asset
  /// The renditions that it makes, when it makes nothing else.
  package let orders: (@Sendable (Asset, Media) throws -> [RenditionOrder])?
  /// The changes that it would make to a file of some role; nil for a step that cannot say.
  public let previewChanges:
    (@Sendable (String, Role, [String: String], any MediaService) async throws -> [Change])?
  /// What it would pay for a scene, given the provider's settings; nil for a step that pays nothing.
  public let estimateCost:
    (@Sendable (String, [String: String], any MediaService) async throws -> CostEstimate)?
  /// What the main file can be after it; nil for a stage that limits nothing.
  let bounds: FileRule.Bounds?
  let resolve: @Sendable (_ next: NextSwap?) -> AnyStage
  let override: @Sendable ([(key: String, value: SourceNode)]) -> (AnyStage, [Finding])

  /// A step from one state to the next.
  public init<S: Stage>(_ stage: S) {
    self.init(stage, takes: S.Input.stateKind, gives: S.Output.stateKind, again: { AnyStage($0) }) {
      try await stage.run(S.Input($0), in: $1).asset
    }
  }

  /// A step that makes files from the main media.
  public init<S: FinishingStage>(finishing stage: S) {
    self.init(stage, takes: nil, gives: nil, again: { AnyStage(finishing: $0) }) { asset, context in
      guard let main = asset.main else {
        throw SwaplineError(.internal, "There is no main media to finish.", item: asset.id)
      }
      return try await stage.finish(asset, main: main, in: context)
    }
  }

  private init<S: StageDefinition>(
    _ stage: S, takes: StateKind?, gives: StateKind?, again: @escaping @Sendable (S) -> AnyStage,
    body: @escaping @Sendable (Asset, StageContext) async throws -> Asset
  ) {
    let declaration = S.declaration
    name = declaration.name
    version = declaration.version
    isLasting = declaration.isLasting
    needs = stage.needs
    problems = declaration.problems(of: stage)
    parameters = .object(
      Dictionary(
        declaration.parameters.map { ($0.name, $0.print(stage)) }, uniquingKeysWith: { $1 }))
    self.takes = takes
    self.gives = gives
    self.body = body
    if let rendering = stage as? any RenderingStage {
      orders = { try rendering.orders(for: $0, main: $1) }
    } else {
      orders = nil
    }
    if let previewing = stage as? any PreviewingStage {
      previewChanges = { try await previewing.previewChanges($0, as: $1, settings: $2, media: $3) }
    } else {
      previewChanges = nil
    }
    if let paying = stage as? any PayingStage {
      estimateCost = { try await paying.estimateCost($0, settings: $1, media: $2) }
    } else {
      estimateCost = nil
    }
    bounds = (stage as? any LimitingStage).map {
      FileRule.Bounds(
        width: $0.longestSide, height: $0.longestSide, formats: $0.possibleFormats)
    }
    resolve = { again(stage.resolved(next: $0)) }
    override = { settings in
      var changed = stage
      var findings: [Finding] = []
      for (key, value) in settings {
        guard
          let parameter = declaration.parameters.first(where: {
            $0.name == key || $0.formerNames.contains(key)
          })
        else {
          findings.append(
            Finding(
              .error, "'\(declaration.name)' has no parameter '\(key)'.", at: value.place,
              hint: Suggestion.hint(for: key, among: declaration.parameters.map(\.name))))
          continue
        }
        do throws(ParameterProblem) {
          try parameter.read(&changed, value)
        } catch {
          findings.append(
            Finding(.error, error.message, at: error.place ?? value.place, hint: error.hint))
        }
      }
      findings += declaration.check(changed).map {
        Finding(.error, $0, at: settings.first?.value.place)
      }
      return (again(changed), findings)
    }
  }

  /// How many files it makes of `main`; nil for a step that makes none, or cannot say.
  public func makesFiles(of main: Media, item: Item) -> Int? {
    var asset = Asset(item: item)
    asset.media[.scene] = main
    return orders.flatMap { try? $0(asset, main).count }
  }

  /// The part of a run's memory key that belongs to the stage.
  package var memoryKey: String {
    let text = (try? JSONText.line(parameters)) ?? ""
    return "\(name)/\(version)/\(text)"
  }
}

/// What is known of a stage without a value of it: for files, help and the JSON Schema.
public struct StageType: Sendable {
  /// The name in pipeline files.
  public let name: String
  /// What it does, in one sentence.
  public let summary: String
  /// A piece of a pipeline file that uses it.
  public let example: String
  /// The state that it takes; nil takes every state with main media.
  public let takes: StateKind?
  /// The state that it gives; nil leaves the state as it is.
  public let gives: StateKind?
  /// Name, help, schema and default of each parameter.
  public let parameters: [ParameterFacts]

  let read: @Sendable (SourceNode?, inout [Finding]) -> AnyStage

  /// The facts of a stage type.
  public init<S: Stage>(_ type: S.Type) {
    self.init(type, takes: S.Input.stateKind, gives: S.Output.stateKind) { AnyStage($0) }
  }

  /// The facts of a finishing stage's type.
  public init<S: FinishingStage>(_ type: S.Type) {
    self.init(finishing: type)
  }

  /// The facts of a finishing stage's type.
  public init<S: FinishingStage>(finishing type: S.Type) {
    self.init(type, takes: nil, gives: nil) { AnyStage(finishing: $0) }
  }

  private init<S: StageDefinition>(
    _ type: S.Type, takes: StateKind?, gives: StateKind?, erase: @escaping @Sendable (S) -> AnyStage
  ) {
    let declaration = S.declaration
    name = declaration.name
    summary = declaration.summary
    example = declaration.example
    self.takes = takes
    self.gives = gives
    parameters = declaration.parameters.map {
      ParameterFacts(
        name: $0.name, help: $0.help, schema: $0.schema, fallback: $0.print(S()),
        formerNames: $0.formerNames, isRequired: $0.isRequired)
    }
    read = { node, findings in
      var stage = S()
      declaration.read(node, into: &stage, findings: &findings)
      return erase(stage)
    }
  }
}

/// What is known of a parameter without a value of it.
public struct ParameterFacts: Sendable, Hashable {
  /// The name in pipeline files.
  public let name: String
  /// What it does.
  public let help: String
  /// Its JSON Schema.
  public let schema: JSONValue
  /// Its value when nobody sets it.
  public let fallback: JSONValue
  /// Names that it had before.
  public let formerNames: [String]
  /// Whether a pipeline file must set it.
  public let isRequired: Bool
}
