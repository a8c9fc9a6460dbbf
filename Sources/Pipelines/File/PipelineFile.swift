import Core
import Files
import Ledgers
import YAML

/// A pipeline written down in YAML, read with every finding at once.
public struct PipelineFile: Sendable {
  /// The pipeline; nil when a finding is an error.
  public let pipeline: Pipeline?
  /// What was found, in the order of the lines.
  public let findings: [Finding]
  /// What may be right and depends on how the pipeline is run, in the order of the lines.
  public let advice: [Finding]
  /// The text as it was read, for showing findings.
  public let text: String

  /// The largest file that is read, in bytes.
  public static let maximumSize = 1 << 20

  /// Reads the pipeline file at `path`. Throws when the file itself cannot be read.
  public init(path: String, vocabulary: Vocabulary) throws(SwaplineError) {
    let bytes: [UInt8]
    do throws(SwaplineError) {
      bytes = try FileSystem.read(path, limit: Self.maximumSize)
    } catch {
      throw SwaplineError(
        .usage, error.code == .notFound ? "There is no pipeline file \(path)." : error.message,
        hint: error.code == .notFound
          ? "Name an existing file; pipelines/ holds some to start from." : error.hint)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      self.init(notText: bytes, file: path)
      return
    }
    self.init(text: text, file: path, vocabulary: vocabulary)
  }

  // The first character that does not survive the repair is the first that is wrong.
  private init(notText bytes: [UInt8], file: String) {
    text = String(decoding: bytes, as: UTF8.self)
    let good = text.unicodeScalars.prefix { $0 != "\u{FFFD}" }
    let line = good.count { $0 == "\n" } + 1
    let column = good.reversed().prefix { $0 != "\n" }.count + 1
    findings = [
      Finding(
        .error, "The file is not UTF-8 text from here on.",
        at: SourcePlace(file: file, line: line, column: column), hint: "Save it as UTF-8.")
    ]
    pipeline = nil
    advice = []
  }

  /// Reads a pipeline from `text`; `file` is its name in findings.
  public init(text: String, file: String, vocabulary: Vocabulary) {
    self.text = text
    var reader = PipelineReader(file: file, vocabulary: vocabulary)
    let pipeline = reader.read(text)
    advice = reader.advice
    findings = reader.findings.sorted { $0.position < $1.position }
    self.pipeline = findings.contains { $0.severity == .error } ? nil : pipeline
  }
}

extension Finding {
  fileprivate var position: (Int, Int) { (place?.line ?? 0, place?.column ?? 0) }
}

/// Turns nodes into a pipeline, going on after each finding to find the next.
struct PipelineReader {
  let file: String
  let vocabulary: Vocabulary
  var findings: [Finding] = []
  var advice: [Finding] = []

  // More than anyone needs, and few enough that each may have its finding.
  static let mostStages = 200
  static let keys = [
    "version", "name", "preset", "budget", "outputs", "providers", "hosts", "stages",
  ]

  init(file: String, vocabulary: Vocabulary) {
    self.file = file
    self.vocabulary = vocabulary
  }

  mutating func read(_ text: String) -> Pipeline? {
    let root: SourceNode
    do throws(ParameterProblem) {
      guard let node = try SourceNode(parsing: text, file: file), !node.isNull else {
        add("The file is empty.", at: SourcePlace(file: file, line: 1, column: 1), hint: start)
        return nil
      }
      root = node
    } catch {
      findings.append(
        error.finding.with(hint: error.hint ?? "Check the indentation and the quotes here."))
      return nil
    }
    guard let entries = root.entries else {
      add("A pipeline must be a mapping, not \(root.found).", at: root.place, hint: start)
      return nil
    }
    let parts = unique(entries, known: Self.keys, of: "a pipeline file")
    readVersion(parts["version"], root: root)
    let name = readName(parts["name"])
    let providers = readProviders(parts["providers"])
    let hosts = readHosts(parts["hosts"])
    let stages = readStages(parts["stages"], root: root, providers: providers, hosts: hosts)
    var pipeline = Pipeline(name: name, providers: providers, hosts: hosts, stages: stages)
    pipeline.preset = readPreset(parts["preset"])
    pipeline.budget = readBudget(parts["budget"])
    pipeline.outputs = readOutputs(parts["outputs"])
    return pipeline
  }

  private let start = "Begin with 'version: 1' and a list of 'stages'."

  private mutating func readVersion(_ node: SourceNode?, root: SourceNode) {
    guard let node else {
      add("'version' is missing.", at: root.place.first, hint: "Write 'version: 1' at the top.")
      return
    }
    guard node.text == "1" else {
      add(
        "This program reads version 1, not \(node.found).", at: node.place, hint: "Write 1.")
      return
    }
  }

  private mutating func readName(_ node: SourceNode?) -> String {
    let fallback = Item.safeName(Item.stem(of: file))
    guard let node else { return fallback }
    guard let text = node.text, !node.isNull else {
      add("A name must be text, not \(node.found).", at: node.place, hint: "Write one word.")
      return fallback
    }
    guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      add(
        "A name is one line of text, but this one contains control characters.", at: node.place,
        hint: "Write it on one line, with letters, digits and spaces.")
      return fallback
    }
    return text
  }

  private mutating func readPreset(_ node: SourceNode?) -> PresetFacts? {
    guard let node, !node.isNull else { return nil }
    guard let entries = node.entries else {
      add(
        "The facts of a preset must be a mapping, not \(node.found).", at: node.place,
        hint: "Write source, verified and confidence.")
      return nil
    }
    let names = ["source", "verified", "confidence"]
    let parts = unique(entries, known: names, of: "the facts of a preset")
    for name in names where parts[name]?.text?.isEmpty != false {
      add("'\(name)' of the preset is missing.", at: node.place, hint: "Write it as a text.")
    }
    guard let source = parts["source"]?.text, let verified = parts["verified"],
      let confidence = parts["confidence"]
    else { return nil }
    guard let day = PresetFacts.Day(verified.text ?? "") else {
      add(
        "'verified' must be a date such as 2026-11-15, not \(verified.found).", at: verified.place,
        hint: "Write year-month-day.")
      return nil
    }
    guard let sure = PresetFacts.Confidence(rawValue: confidence.text ?? "") else {
      add(
        "'confidence' must be high, medium or low, not \(confidence.found).", at: confidence.place,
        hint: "Write one of them.")
      return nil
    }
    return PresetFacts(source: source, verified: day, confidence: sure)
  }

  private mutating func readBudget(_ node: SourceNode?) -> Budget {
    guard let node, !node.isNull else { return Budget() }
    guard let entries = node.entries else {
      add(
        "A budget must be a mapping, not \(node.found).", at: node.place,
        hint: "Write for example 'budget: { run: 100, day: 500, month: 5000 }', in credits.")
      return Budget()
    }
    var amounts: [String: Double] = [:]
    for (name, value) in unique(entries, known: ["run", "day", "month"], of: "the budget") {
      guard let amount = value.text.flatMap(Double.init), amount >= 0, amount < 1e12 else {
        add(
          "'\(name)' must be a number of credits, not \(value.found).", at: value.place,
          hint: "Write for example 100.")
        continue
      }
      amounts[name] = amount
    }
    return Budget(run: amounts["run"], day: amounts["day"], month: amounts["month"])
  }

  private mutating func readOutputs(_ node: SourceNode?) -> OutputPattern? {
    guard let node, !node.isNull else { return nil }
    guard let text = node.text else {
      add(
        "The pattern of outputs must be text, not \(node.found).", at: node.place,
        hint: "Write for example '{id}_{width}.{format}' in quotes.")
      return nil
    }
    do throws(SwaplineError) {
      return try OutputPattern(text)
    } catch {
      add(error.message, at: node.place, hint: error.hint)
      return nil
    }
  }

  private mutating func readProviders(_ node: SourceNode?) -> [String: ProviderRoute] {
    guard let node, !node.isNull else { return [:] }
    guard let entries = node.entries else {
      add(
        "Providers are a mapping of names to settings, not \(node.found).", at: node.place,
        hint: "Write for example 'crun: { at: embedded }'.")
      return [:]
    }
    let known = vocabulary.providers.map(\.name)
    var providers: [String: ProviderRoute] = [:]
    for (name, value) in unique(entries, known: known, of: "the providers") {
      guard let provider = vocabulary.providers.first(where: { $0.name == name }) else { continue }
      providers[name] = ProviderRoute(readSettings(value, of: name, provider.settings))
    }
    return providers
  }

  /// The values of the `settings` of `owner`, a provider or a host.
  mutating func readSettings(
    _ node: SourceNode, of owner: String, _ settings: [Vocabulary.Setting]
  ) -> [String: String] {
    guard !node.isNull else { return [:] }
    let known = settings.map(\.name)
    guard let entries = node.entries else {
      add(
        "The settings of '\(owner)' are a mapping, not \(node.found).", at: node.place,
        hint: known.isEmpty ? "There are none." : "Known: \(known.joined(separator: ", ")).")
      return [:]
    }
    var values: [String: String] = [:]
    for (name, value) in unique(entries, known: known, of: "the settings of '\(owner)'") {
      guard let setting = settings.first(where: { $0.name == name }) else { continue }
      guard let text = value.text ?? flat(value), !value.isNull else {
        add("'\(name)' is a text, not \(value.found).", at: value.place, hint: setting.help)
        continue
      }
      if let words = setting.words, !words.contains(text) {
        add(
          "'\(name)' must be one of \(words.joined(separator: ", ")), not '\(text)'.",
          at: value.place,
          hint: Suggestion.hint(for: text, among: words))
      } else if let problem = setting.problem(text) {
        add(problem, at: value.place, hint: setting.help)
      }
      values[name] = text
    }
    return values
  }

  /// A small mapping as the text that a setting keeps: `credits: 3, usd: 0.006`.
  private func flat(_ node: SourceNode) -> String? {
    guard let entries = node.entries, !entries.isEmpty else { return nil }
    let parts = entries.compactMap { entry in
      entry.key.text.flatMap { key in entry.value.text.map { "\(key): \($0)" } }
    }
    return parts.count == entries.count ? parts.joined(separator: ", ") : nil
  }

  private mutating func readStages(
    _ node: SourceNode?, root: SourceNode, providers: [String: ProviderRoute],
    hosts: [String: HostRoute]
  ) -> [AnyStage] {
    guard let node else {
      add(
        "'stages' is missing.", at: root.place.first, hint: "Write 'stages:' and a list below it.")
      return []
    }
    guard let items = node.items, !items.isEmpty else {
      add(
        "Stages are a list with at least one stage, not \(node.items == nil ? node.found : "an empty one").",
        at: node.place, hint: "Begin each with '- ', for example '- fetch'.")
      return []
    }
    guard items.count <= Self.mostStages else {
      add(
        "A pipeline has at most \(Self.mostStages) stages, but this one has \(items.count).",
        at: node.place, hint: "Split it into several.")
      return []
    }
    var line = StageOrderChecker(vocabulary: vocabulary, providers: providers, hosts: hosts)
    var stages: [AnyStage] = []
    for item in items {
      guard let (name, place, parameters) = split(item) else { continue }
      guard let type = vocabulary.stages.first(where: { $0.name == name }) else {
        add(
          "There is no stage '\(name)'.", at: place,
          hint: Suggestion.hint(for: name, among: vocabulary.stages.map(\.name)))
        line.skip()
        continue
      }
      let stage = type.read(parameters, &findings)
      findings += line.add(stage, at: place, parameters: parameters)
      stages.append(stage)
    }
    findings += line.end()
    advice = line.advice
    return stages
  }

  private mutating func split(
    _ item: SourceNode
  ) -> (name: String, place: SourcePlace, parameters: SourceNode?)? {
    if let name = item.text, !item.isNull { return (name, item.place, nil) }
    if let entries = item.entries, let only = entries.first, entries.count == 1,
      let name = only.key.text
    {
      return (name, only.key.place, only.value)
    }
    let hint =
      item.entries.map { $0.count > 1 } == true
      ? "Indent its parameters below the name, or write them in braces: '- fetch: { maximum_size: 50MB }'."
      : "Write '- fetch' or '- fetch: { … }'."
    add("A stage is one name with its parameters, not \(item.found).", at: item.place, hint: hint)
    return nil
  }

  // The entries by name; unknown and repeated names are findings.
  mutating func unique(
    _ entries: [(key: SourceNode, value: SourceNode)], known: [String], of whole: String
  ) -> [String: SourceNode] {
    var values: [String: SourceNode] = [:]
    for (key, value) in entries {
      let name = key.text ?? ""
      if !known.contains(name) {
        add(
          "There is no '\(name)' in \(whole).", at: key.place,
          hint: Suggestion.hint(for: name, among: known))
        // Read on as if the name were right: what follows it is checked too, and nothing is
        // called missing that is only misspelt.
        if let meant = Suggestion.nearest(to: name, among: known), values[meant] == nil {
          values[meant] = value
        }
      } else if values[name] != nil {
        add("'\(name)' is written twice.", at: key.place, hint: "Keep one.")
      } else {
        values[name] = value
      }
    }
    return values
  }

  mutating func add(_ message: String, at place: SourcePlace?, hint: String?) {
    findings.append(Finding(.error, message, at: place, hint: hint))
  }
}

extension Finding {
  fileprivate func with(hint: String) -> Finding {
    var copy = self
    copy.hint = copy.hint ?? hint
    return copy
  }
}

extension SourcePlace {
  fileprivate var first: SourcePlace { SourcePlace(file: file, line: line, column: column) }
}
