import Ledgers
import Presets
import Providers
import Swapline

/// What may stand in the place of an operand or an option's value, by its name in the usage line: `FILE`
/// is a file, `STAGE` one of the stages, and small words with bars between them are themselves.
struct Completion: Sendable, Equatable {
  /// The words that may stand there.
  var words: [String] = []
  /// Whether a file may, or only a folder.
  var files = Files.none

  enum Files: String, Sendable {
    case none, files, folders
  }

  /// The completion of a place called `placeholder`, such as `FILE|URL|-` or `[STAGE]`.
  init(_ placeholder: String) {
    let name = placeholder.filter { !"[]…".contains($0) }
    switch name {
    case "PIPELINE":
      words = Preset.all.map(\.name)
      files = .files
    case "STAGE": words = StageList.all.map(\.name)
    case "PRESET": words = Preset.all.map(\.name)
    case "TOPIC": words = HelpPages.all.map(\.name)
    case "STATE": words = Ledger.State.allCases.map(\.rawValue)
    case "MODEL": words = ProviderDescriptor.all.flatMap { $0.models.map(\.name) }
    case "STAGE.KEY=VALUE":
      words = StageList.all.flatMap { stage in
        stage.parameters.map { "\(stage.name).\($0.name)=" }
      }
    default:
      let parts = name.split(separator: "|").map(String.init)
      words = parts.filter { $0 == $0.lowercased() && $0 != "-" }
      if parts.contains("FILE") { files = .files }
      if parts.contains("DIR") { files = .folders }
    }
  }
}

extension Completion {
  /// The completion of a command's operands.
  static func operands(of command: CommandFacts) -> Completion { Completion(command.operands) }

  /// The completion of an option's value; nil for an option without one.
  static func value(of option: Option) -> Completion? { option.value.map { Completion($0) } }
}
