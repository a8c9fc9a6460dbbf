import Core
import Files
import Glibc
import Pipelines
import Processing
import Swapline

/// The command `swapline`.
package enum CommandLineInterface {
  static let commands: [any Subcommand.Type] = [
    RunCommand.self,
    SplitCommand.self,
    MergeCommand.self,
    PlanCommand.self,
    CheckCommand.self,
    ProbeCommand.self,
    LedgerCommand.self,
    StatusCommand.self,
    CacheCommand.self,
    HostedCommand.self,
    PurgeCommand.self,
    ReportCommand.self,
    ServeCommand.self,
    SchemaCommand.self,
    StagesCommand.self,
    ProvidersCommand.self,
    PresetsCommand.self,
    DoctorCommand.self,
    CompletionCommand.self,
    HelpCommand.self,
  ]

  /// Readies the process; called first, while it has one thread.
  package static func prepare() {
    CoreDumps.forbid()
    // What libraries make is the user's alone, too.
    umask(0o077)
    // A reader that goes away must not end a run: writing then fails, and that is enough.
    signal(SIGPIPE, SIG_IGN)
    // A file opened later must not get the number of a standard stream that the caller closed.
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
      _ = open("/dev/null", stream == STDIN_FILENO ? O_RDONLY : O_WRONLY)
    }
    StopSignals.shared.begin()
  }

  /// Runs the command with the process's arguments, the command's own name left out, and gives the
  /// exit code.
  package static func main(_ arguments: [String]) async -> Int32 {
    let terminal = Terminal(environment: ProcessEnvironment.variables)
    do {
      return try await dispatch(arguments, terminal).rawValue
    } catch let error as SwaplineError {
      show(error, terminal)
      return ExitCode(error).rawValue
    } catch is CancellationError {
      return ExitCode.interrupted.rawValue
    } catch {
      show(SwaplineError(.internal, "Something unexpected went wrong: \(error)."), terminal)
      return ExitCode.failed.rawValue
    }
  }

  private static func dispatch(_ arguments: [String], _ terminal: Terminal) async throws
    -> ExitCode
  {
    guard let name = arguments.first else {
      terminal.message(overview)
      return .usage
    }
    switch name {
    case "--help", "-h":
      terminal.result(overview)
      return .good
    case "--version", "version":
      terminal.result("swapline \(SwaplineVersion.text)\n")
      return .good
    default: break
    }
    guard let command = command(named: name) else {
      throw SwaplineError(
        .usage, "There is no command '\(name)'.",
        hint: Suggestion.nearest(to: name, among: commands.map { $0.facts.name })
          .map { "Did you mean 'swapline \($0)'?" } ?? "See 'swapline --help'.")
    }
    let parsed = try Arguments(arguments.dropFirst(), of: command.facts)
    if parsed.has("help") {
      terminal.result(command.facts.help)
      return .good
    }
    guard FileSystem.hasCurrentFolder else {
      throw SwaplineError(
        .usage, "The current folder no longer exists.", hint: "Change to another one (cd).")
    }
    if !parsed.has("quiet") {
      for note in parsed.notes { terminal.message(note + "\n") }
    }
    let code = try await command.run(parsed, terminal)
    if code == .good, let problem = Terminal.problem { throw problem }
    return code
  }

  static func command(named name: String) -> (any Subcommand.Type)? {
    commands.first { $0.facts.name == name }
  }

  static func show(_ error: SwaplineError, _ terminal: Terminal) {
    var text = terminal.paint("error:", .red) + " "
    if let item = error.item { text += "\(item): " }
    if let place = error.place, !isNamed(place, in: error.message) { text += "\(place): " }
    text += error.message + "\n"
    if let hint = error.hint { text += "  \(terminal.paint("hint:", .cyan)) \(hint)\n" }
    terminal.message(text)
  }

  // A path or an address that the sentence names already; a stage's name may be a common word.
  private static func isNamed(_ place: String, in message: String) -> Bool {
    place.contains { "/.".contains($0) } && message.contains(place)
  }

  static var overview: String {
    var text = """
      Swapline handles everything around a face-swap API call.

      Usage: swapline COMMAND [options]

      Commands:

      """
    let width = commands.map { $0.facts.name.count }.max() ?? 0
    for command in commands {
      text += CommandFacts.wrap(
        command.facts.summary, lead: "  " + command.facts.name.padding(to: width + 2), width: 96)
    }
    text += """

      'swapline COMMAND --help' shows a command's options, 'swapline help TOPIC' one of these topics:

      """
    for topic in HelpPages.topics {
      text += CommandFacts.wrap(topic.summary, lead: "  " + topic.name.padding(to: 20), width: 96)
    }
    return text
  }
}
