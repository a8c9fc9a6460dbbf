import Core

/// One subcommand: one file under `Commands/` and one line in `CommandLineInterface.commands`.
protocol Subcommand: Sendable {
  /// Its name, operands, options and help.
  static var facts: CommandFacts { get }
  /// Does it.
  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode
}
