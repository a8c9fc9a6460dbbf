import Core

/// Follows the states along a line of stages, as the compiler does for a composition in Swift.
struct StageOrderChecker {
  let vocabulary: Vocabulary
  private var state = StateKind.requested
  private var isFirst = true
  private var isUnsure = false
  private var outputs = OutputNames()
  private var localHost: (name: String, place: SourcePlace)?
  private var mainBounds: FileRule.Bounds?
  /// What may be right, and is worth saying when a file is checked.
  private(set) var advice: [Finding] = []
  private var waitingForSwap: [(name: String, place: SourcePlace)] = []

  private let providers: [String: ProviderRoute]
  private let hosts: [String: HostRoute]

  init(
    vocabulary: Vocabulary, providers: [String: ProviderRoute], hosts: [String: HostRoute]
  ) {
    self.vocabulary = vocabulary
    self.providers = providers
    self.hosts = hosts
  }

  /// Whether a provider is served by this process or machine.
  private func isReachedHere(_ provider: String) -> Bool {
    let route = providers[provider] ?? ProviderRoute()
    let base = route.values["base_url"] ?? ""
    return route.isEmbedded
      || ["http://127.", "http://localhost", "http://[::1]"].contains { base.hasPrefix($0) }
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
      mainBounds = stage.bounds ?? (stage.gives == .swapped ? nil : mainBounds)
      state = stage.gives ?? state
      isFirst = false
      if stage.gives != nil { isUnsure = false }
    }
    var findings: [Finding] = []
    if !isUnsure, let problem = orderProblem(of: stage) {
      findings.append(Finding(.error, problem.message, at: place, hint: problem.hint))
    }
    if let clash = outputs.add(stage, isSwapped: state == .swapped) {
      findings.append(
        Finding(
          .error, "'\(stage.name)' writes \(clash.name), and '\(clash.stage)' before it does too.",
          at: place, hint: "Give one of them another name or format, or remove it."))
    }
    for need in stage.needs {
      switch need {
      case .file(let name):
        guard !isUnsure, !outputs.holds(name) else { continue }
        let known = outputs.known
        findings.append(
          Finding(
            .error, "No stage before '\(stage.name)' makes a file '\(name)'.",
            at: parameters?.entries?.first { $0.key.text == "file" }?.value.place ?? place,
            hint: known.isEmpty
              ? "Put 'resize' before it." : Suggestion.hint(for: name, among: known)))
      case .provider(let name, _):
        waitingForSwap = []
        if let host = localHost, !isReachedHere(name) {
          advice.append(
            Finding(
              .warning,
              "The host '\(host.name)' gives addresses on this machine, which '\(name)' cannot fetch "
                + "unless a tunnel leads here.", at: host.place,
              hint: "Run it with --public-url, or write 'host: { to: upload }' where the provider "
                + "keeps files."))
        }
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
      case .rule(let rule):
        let known =
          rule.file.isEmpty ? [mainBounds].compactMap { $0 } : outputs.bounds(of: rule.file)
        let clashes = known.compactMap { rule.clash(with: $0) }
        guard !isUnsure, !clashes.isEmpty, clashes.count == known.count, let clash = clashes.first
        else { continue }
        let file = rule.file.isEmpty ? "the main file" : "'\(rule.file)'"
        findings.append(
          Finding(
            .error,
            "'\(stage.name)' wants \(clash.parameter) \(clash.wanted), and \(file) has "
              + "\(clash.found).",
            at: parameters?.entries?.first { $0.key.text == clash.parameter }?.value.place ?? place,
            hint: "Change '\(clash.parameter)' here, or the stage that makes the file."))
      case .host(let name, _):
        if let problem = hostProblem(name) {
          findings.append(
            Finding(
              .error, problem.message, at: self.place(of: name, in: parameters) ?? place,
              hint: problem.hint))
        } else if isLocal(name) {
          localHost = (name, place)
        }
      case .laterSwap: waitingForSwap.append((stage.name, place))
      case .face, .bridges, .pixels: break
      }
    }
    return findings
  }

  private func isLocal(_ host: String) -> Bool {
    let route = hosts[host] ?? HostRoute(host)
    return vocabulary.host(route.kind)?.isLocal(route.values) == true
  }

  private func hostProblem(_ name: String) -> (message: String, hint: String)? {
    if hosts[name] != nil { return nil }
    if let kind = vocabulary.host(name) {
      guard !kind.needsNoEntry else { return nil }
      let wanted = kind.settings.filter(\.isRequired).map { "\($0.name): …" }
      return (
        "'\(name)' is a kind of host that needs settings, and nothing under 'hosts' has them.",
        "Write for example 'hosts: { mine: { \(name): { \(wanted.joined(separator: ", ")) } } }', and "
          + "name 'mine' here."
      )
    }
    let known = hosts.keys.sorted() + vocabulary.hosts.filter(\.needsNoEntry).map(\.name)
    return ("There is no host '\(name)'.", Suggestion.hint(for: name, among: known))
  }

  /// Where `name` is written among the values of a stage's parameters.
  private func place(of name: String, in parameters: SourceNode?) -> SourcePlace? {
    let values = (parameters?.entries ?? []).map(\.value)
    return values.flatMap { $0.items ?? [$0] }.first { $0.text == name }?.place
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
        "The files have been fetched already: '\(name)' comes once, and first.", "Remove this one."
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
    "Put '- host: { to: embedded }' before '\(name)'."
  }
}
