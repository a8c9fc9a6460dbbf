extension HelpPage {
  static let exitCodes = HelpPage(
    "exit-codes", .topic, "How the command ends, for scripts.",
    [
      .table(ExitCode.allCases.map { ("\($0.rawValue)", $0.meaning) }),
      .text(
        "When every item failed for the same reason, the exit code is that reason's. `plan` ends as the "
          + "run would, as far as that can be known. Results go to standard output, messages to standard "
          + "error."),
    ])
}
