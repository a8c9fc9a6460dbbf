import Core
import Files
import Glibc
import Ledgers
import Pipelines

/// `swapline status`: how things stand with a ledger and the runs that use it.
enum StatusCommand: Subcommand {
  static let facts = CommandFacts(
    "status", "Show the runs that use a ledger, what they have spent, and what is in doubt.",
    options: [
      .runFolder,
      .sharedLedger,
      .flag("watch", "w", "Show it again every two seconds until Ctrl-C."), .json,
    ],
    examples: [
      "swapline status --out out",
      "swapline status --ledger postgres://shop@db.example/shop --watch",
    ])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let folder = OutputPlace(arguments.last("out") ?? "swapline-out").folder
    let place = arguments.last("ledger") ?? LedgersOfFolder.place(in: folder)
    let shown = LedgerPlace(place).shown
    let isJSON = arguments.has("json")
    let ledger = try LedgerReader(place)
    func text() async throws -> String {
      let status = try await ledger.status()
      return isJSON
        ? try JSONText.line(status) + "\n" : StatusScreen(status, of: shown, terminal.width).text
    }
    guard arguments.has("watch") else {
      terminal.result(try await text())
      return .good
    }
    let (stops, continuation) = AsyncStream.makeStream(of: Int.self)
    StopSignals.shared.handle { number in
      if number == 1 { continuation.finish() }
    }
    let isScreen = !isJSON && isatty(STDOUT_FILENO) == 1
    let watching = Task {
      while !Task.isCancelled {
        let next: String
        do {
          next = try await text()
        } catch let error as SwaplineError where error.code == .storage {
          // It may come back.
          next = isJSON ? "" : error.message + "\n"
        }
        terminal.result(
          (isScreen ? "\u{1B}[H\u{1B}[2J" : "") + next + (isScreen || isJSON ? "" : "\n"))
        try await Task.sleep(for: .seconds(2))
      }
    }
    let ending = Task {
      for await _ in stops {}
      watching.cancel()
    }
    defer { ending.cancel() }
    do {
      try await watching.value
    } catch is CancellationError {}
    return .interrupted
  }
}
