import Core
import Files
import Pipelines
import Presets
import Swapline

/// Reads a pipeline file with the settings of the command line, or shows why it cannot.
enum PipelineLoader {
  static let setOption = Option.value(
    "set", of: "STAGE.KEY=VALUE", repeats: true,
    "Override a stage parameter of the file, for example thumbnails.format=png.")

  private static let maximumShown = 50

  /// The pipeline; nil after its findings were shown.
  static func load(_ path: String, _ arguments: Arguments, _ terminal: Terminal)
    throws -> Pipeline?
  {
    let file = try read(path)
    show(file.findings, of: file.text, terminal)
    guard let pipeline = file.pipeline else { return nil }
    if let preset = pipeline.preset, preset.isOld(at: PresetsCommand.now) {
      terminal.message(
        "\(terminal.paint("warning:", .yellow)) the figures of \(path) were looked up on "
          + "\(preset.verified): look them up again (\(preset.source)).\n")
    }
    var settings: [(key: String, value: SourceNode)] = []
    for text in arguments.all("set") {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw SwaplineError(
          .usage, "--set takes STAGE.KEY=VALUE, not '\(text)'.",
          hint: "For example --set thumbnails.format=png.")
      }
      do throws(ParameterProblem) {
        let name = "--set \(parts[0])"
        guard let node = try SourceNode(parsing: String(parts[1]), file: name) else {
          throw ParameterProblem("The value is missing.", at: nil)
        }
        settings.append((String(parts[0]), node))
      } catch {
        throw SwaplineError(
          .usage, "--set \(text): \(error.message)",
          hint: error.hint ?? "Write STAGE.KEY=VALUE, for example thumbnails.format=png.")
      }
    }
    let (changed, findings) = pipeline.setting(settings)
    if let finding = findings.first {
      throw SwaplineError(
        .usage, "\(finding.place.map { "\($0.file): " } ?? "")\(finding.message)",
        hint: finding.hint)
    }
    return changed
  }

  /// The file at `path`, or the preset of that name where there is no such file.
  static func read(_ path: String) throws -> PipelineFile {
    if !path.contains("/"), let preset = Preset.named(path), !FileSystem.exists(path) {
      return PipelineFile(text: preset.text, file: path, vocabulary: .standard)
    }
    return try PipelineFile(path: path)
  }

  static func show(_ findings: [Finding], of text: String, _ terminal: Terminal) {
    let printer = FindingPrinter(text: text, paints: terminal.paints)
    for finding in findings.prefix(maximumShown) { terminal.message(printer.show(finding)) }
    if findings.count > maximumShown {
      terminal.message("… and \(findings.count - maximumShown) more.\n")
    }
    let errors = findings.filter { $0.severity == .error }.count
    if errors > 1 { terminal.message("\(errors) errors; nothing was fetched or spent.\n") }
  }
}
