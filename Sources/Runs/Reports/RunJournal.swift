import Core
import Files
import Ledgers
import Pipelines

/// Writes what a run leaves in its folder beside the items' own files: `failed.jsonl` while it goes
/// on, `run.json` and `report.html` at its end.
package final class RunJournal {
  private let folder: RunFolder
  private let plan: Plan
  private let run: String
  private let failures: FailureList
  private var tally = RunTally()

  /// The journal of a run that holds `folder`; the list of failures that an earlier run left goes.
  package init(_ pipeline: Pipeline, in folder: RunFolder, run: String) {
    self.folder = folder
    plan = Plan(pipeline)
    self.run = run
    failures = FailureList(folder)
  }

  /// Notes what became of an item.
  package func add(_ outcome: Runner.Outcome) {
    tally.add(outcome)
    if case .failed(let item, let error) = outcome { failures.add(item, error) }
  }

  /// Writes `run.json` and `report.html` and gives the summary. A run that looked at no item, and was
  /// not stopped, leaves the files of the one before it.
  ///
  /// What cannot be written, and `problems` of taking the run down, is told in the summary: the items are done, with these files or without.
  package func finish(
    charged: Charge, hosting: HostingTotals, seconds: Double, isStopped: Bool,
    problems: [SwaplineError]
  ) async throws -> RunSummary {
    tally.charged = charged
    var (reportProblem, pageProblem): (SwaplineError?, SwaplineError?)
    if tally.done + tally.failed + tally.stopped > 0 || isStopped {
      let report = RunReport(
        plan, tally, seconds: seconds, run: run, hosting: hosting.isEmpty ? nil : hosting)
      let (folder, name, tally) = (folder, plan.name, tally)
      (reportProblem, pageProblem) = try await ThreadPool.disk.run { _ in
        // Nothing has changed since the page was written: looking at every item again says nothing.
        let isNew = tally.failed > 0 || tally.done > tally.reused || hosting.removed > 0
        let hasPage = !isNew && FileSystem.exists("\(folder.path)/\(RunPage.name)")
        return (
          Self.problem { try folder.write(try JSONText.pretty(report), as: RunFolder.report) },
          hasPage
            ? nil
            : Self.problem {
              try RunPage(folder).write(
                title: name, sums: report.sums)
            }
        )
      }
    }
    return RunSummary(
      run: run, tally: tally, seconds: seconds, isRecorded: reportProblem == nil,
      hosting: hosting,
      problems: [failures.problem, reportProblem, pageProblem].compactMap(\.self) + problems)
  }
}

extension RunJournal {
  private static func problem(of write: () throws -> Void) -> SwaplineError? {
    do {
      try write()
      return nil
    } catch {
      return error as? SwaplineError ?? SwaplineError(.internal, "\(error)")
    }
  }
}
