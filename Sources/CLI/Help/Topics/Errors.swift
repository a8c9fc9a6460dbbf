import Core

extension HelpPage {
  static let errors = HelpPage(
    "errors", .topic, "The codes of errors, in events, run.json and Swift.",
    [
      .table(SwaplineError.Code.allCases.map { ($0.rawValue, $0.meaning) }),
      .text(
        "Every error has a code to act on, a message that says what was found and what was expected, and "
          + "usually a hint with the remedy; `item` and `place` say where it happened."),
    ])
}
