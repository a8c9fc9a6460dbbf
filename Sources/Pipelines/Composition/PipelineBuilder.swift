/// Stages in a line whose last one gives `State`.
public struct Composition<State: AssetState>: Sendable {
  let stages: [AnyStage]
}

/// Composes stages so that a wrong order does not compile.
///
/// The overloads that are marked unavailable exist for their messages: the compiler finds them only
/// when nothing else fits, and then says which stage is missing.
@resultBuilder
public enum PipelineBuilder {
  /// The first stage takes what was only named.
  public static func buildPartialBlock<S: Stage>(first stage: S) -> Composition<S.Output>
  where S.Input == Requested {
    Composition(stages: [AnyStage(stage)])
  }

  /// A step whose input is what the line gives so far.
  public static func buildPartialBlock<State, S: Stage>(
    accumulated line: Composition<State>, next stage: S
  ) -> Composition<S.Output> where S.Input == State {
    Composition(stages: line.stages + [AnyStage(stage)])
  }

  /// A finishing step, wherever there is main media.
  public static func buildPartialBlock<State: Finishable, S: FinishingStage>(
    accumulated line: Composition<State>, next stage: S
  ) -> Composition<State> {
    Composition(stages: line.stages + [AnyStage(finishing: stage)])
  }

  /// Says that a pipeline begins with `Fetch`.
  @available(
    *, unavailable, message: "a pipeline begins with Fetch(): nothing is at hand before it"
  )
  public static func buildPartialBlock<S: StageDefinition>(first stage: S) -> Composition<Fetched> {
    Composition(stages: [])
  }

  /// Says that there is one `Fetch` a line.
  @available(
    *, unavailable, message: "the files are at hand already: Fetch() stands once, and first"
  )
  public static func buildPartialBlock<State: Finishable, S: Stage>(
    accumulated line: Composition<State>, next stage: S
  ) -> Composition<S.Output> where S.Input == Requested {
    Composition(stages: [])
  }

  /// Says that a swap needs addresses.
  @available(
    *, unavailable, message: "Swap needs files with an address: put Host(to:) before it"
  )
  public static func buildPartialBlock<S: Stage>(
    accumulated line: Composition<Fetched>, next stage: S
  ) -> Composition<S.Output> where S.Input == Hosted {
    Composition(stages: [])
  }

  /// Says that a hosted file must not change any more.
  @available(
    *, unavailable,
    message: "this stage works on files before they are hosted: put it before Host(to:)"
  )
  public static func buildPartialBlock<S: Stage>(
    accumulated line: Composition<Hosted>, next stage: S
  ) -> Composition<S.Output> where S.Input == Fetched {
    Composition(stages: [])
  }

  /// Says that preparing comes before the swap.
  @available(
    *, unavailable,
    message: "this stage prepares the inputs of a swap: put it before Swap(with:)"
  )
  public static func buildPartialBlock<S: Stage>(
    accumulated line: Composition<Swapped>, next stage: S
  ) -> Composition<S.Output> where S.Input == Fetched {
    Composition(stages: [])
  }

  /// Says that a line has one swap.
  @available(*, unavailable, message: "one pipeline swaps once: remove the second Swap(with:)")
  public static func buildPartialBlock<S: Stage>(
    accumulated line: Composition<Swapped>, next stage: S
  ) -> Composition<S.Output> where S.Input == Hosted {
    Composition(stages: [])
  }
}
