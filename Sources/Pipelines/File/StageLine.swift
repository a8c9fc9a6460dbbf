import Core

/// Follows the states along a line of stages, as the compiler does for a composition in Swift.
struct StageLine {
  let vocabulary: Vocabulary
  private var state = StateKind.requested
  private var isFirst = true
  private var isUnsure = false
  private var waitingForSwap: [(name: String, place: SourcePlace)] = []

  init(vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
  }

  /// A stage that is not known: what it would have given is not either.
  mutating func skip() {
    isUnsure = true
    isFirst = false
  }

  mutating func add(
    _ stage: AnyStage, at place: SourcePlace, parameters: SourceNode?
  ) -> [Finding] {
    defer {
      state = stage.gives ?? state
      isFirst = false
      if stage.gives != nil { isUnsure = false }
    }
    var findings: [Finding] = []
    if !isUnsure, let problem = orderProblem(of: stage) {
      findings.append(Finding(.error, problem.message, at: place, hint: problem.hint))
    }
    for need in stage.needs {
      switch need {
      case .provider(let name, _):
        waitingForSwap = []
        let known = vocabulary.providers.map(\.name)
        if !known.contains(name) {
          findings.append(
            Finding(
              .error,
              name.isEmpty ? "'swap' names no provider." : "There is no provider '\(name)'.",
              at: parameters?.entries?.first { $0.key.text == "provider" }?.value.place ?? place,
              hint: name.isEmpty
                ? "Name one: 'provider: \(known.first ?? "crun")'."
                : Suggestion.hint(for: name, among: known)))
        }
      case .laterSwap: waitingForSwap.append((stage.name, place))
      case .face, .bridges: break
      }
    }
    return findings
  }

  mutating func end() -> [Finding] {
    waitingForSwap.map { name, place in
      Finding(
        .error, "'\(name)' takes the limits of the swap's provider, and no 'swap' follows.",
        at: place, hint: "Add a 'swap', or set limits here instead of 'for: swap'.")
    }
  }

  private func orderProblem(of stage: AnyStage) -> (message: String, hint: String)? {
    let name = stage.name
    guard let takes = stage.takes else {
      return state == .requested
        ? ("'\(name)' works on files at hand, and nothing was fetched yet.", first) : nil
    }
    guard takes != state else { return nil }
    switch (takes, state) {
    case (.requested, _):
      return (
        "The files are at hand already: '\(name)' stands once, and first.", "Remove this one."
      )
    case (_, .requested):
      return ("'\(name)' works on \(takes.meaning), and nothing was fetched yet.", first)
    case (.hosted, .fetched):
      return ("'\(name)' needs files with an address, and these have none yet.", put(before: name))
    case (.fetched, .hosted):
      return (
        "'\(name)' works on files before they are hosted: what it changed would not be sent.",
        "Put it before 'host'."
      )
    case (.fetched, .swapped):
      return (
        "'\(name)' prepares the inputs of a swap, and the swap is done here.",
        "Put it before 'swap'."
      )
    case (.hosted, .swapped):
      return ("One pipeline swaps once, and the swap is done here.", "Remove this one.")
    default:
      return (
        "'\(name)' works on \(takes.meaning), and here there are \(state.meaning).",
        "See 'swapline stages' for the order."
      )
    }
  }

  private var first: String { "Put '- fetch' first." }

  private func put(before name: String) -> String {
    "Put '- host: { on: embedded }' before '\(name)'."
  }
}
