import Core
import Foundation
import Ledgers
import Pipelines
import Testing

@Suite struct StopTests {
  @Test(arguments: [1, 2])
  func controlCEndsCleanlyAndTheNextRunGoesOn(signals: Int) async throws {
    let workshop = try Workshop()
    let rows = (0..<20).map { index in
      "{\"id\":\"i\(index)\",\"scene\":\"\(fixture("scenes/portrait.jpg"))\","
        + "\"face\":\"\(fixture("faces/ada.jpg"))\",\"convert.quality\":\(40 + index)}"
    }
    let items = try workshop.write(rows.joined(separator: "\n"), to: "items.jsonl")
    let arguments = [
      "run", QuickstartTests.pipeline, "--items", items, "--out", workshop.path("out"),
      "--concurrency", "2",
    ]
    let run = try Started(Workshop.command.path, arguments)
    while run.isRunning, workshop.names(in: "out").count < 3 {
      try await Task.sleep(for: .milliseconds(5))
    }
    for _ in 0..<signals {
      run.signal(SIGINT)
      try await Task.sleep(for: .milliseconds(30))
    }
    let end = await run.wait()
    #expect(end.status == 130, "\(end.messages)")
    for item in workshop.names(in: "out") where item.hasPrefix("i") {
      for file in workshop.names(in: "out/\(item)") {
        #expect(!file.hasSuffix(".tmp"), "\(item)/\(file) is half-written")
      }
    }
    let next = try await Started(Workshop.command.path, arguments).wait()
    #expect(next.status == 0, "\(next.messages)")
    #expect(workshop.names(in: "out").filter { $0.hasPrefix("i") }.count == 20)
    #expect(workshop.names(in: "out/.swapline/tmp").isEmpty)
  }

  /// The first Ctrl-C names the task that is waited for, the second leaves it and says so, the next
  /// run asks for it.
  @Test func whatIsLeftAtTheSecondControlCIsNamedAndAskedForByTheNextRun() async throws {
    let workshop = try Workshop()
    let server = try await ServeTests.Server(workshop, keys: "\(ServeTests.key) 100\n")
    let line = try workshop.write(
      """
      version: 1
      providers: { crun: { base_url: '\(server.url)', price: 1 } }
      stages: [fetch, { normalize: { for: swap } }, host, { swap: { provider: crun } }]
      """, to: "line.yaml")
    let arguments = [
      "run", line, "--scene", fixture("scenes/portrait.jpg"), "--face",
      fixture("faces/ben.jpg"), "--out", workshop.path("out"),
    ]
    let environment = ["CRUN_API_KEY": ServeTests.key]
    let run = try Started(Workshop.command.path, arguments, environment: environment)
    let task = try #require(try await accepted(in: workshop.path("out"), while: run))
    // From here on the provider has the task, and answers nothing.
    server.process.signal(SIGSTOP)
    run.signal(SIGINT)
    let named = "1 task at crun at \(server.url): \(task) (portrait)"
    while run.isRunning, !run.messagesSoFar.contains("waiting for " + named) {
      try await Task.sleep(for: .milliseconds(5))
    }
    run.signal(SIGINT)
    let end = await run.wait()
    #expect(end.status == 130)
    #expect(end.messages.contains("waiting for " + named), "\(end.messages)")
    #expect(
      end.messages.contains(
        "Left with the provider: \(named). The same command asks for it first."),
      "\(end.messages)")
    server.process.signal(SIGCONT)
    let next = try await swapline(arguments, environment: environment)
    #expect(next.status == 0, "\(next.messages)")
    let ledger = try await swapline(["ledger", "--out", workshop.path("out")])
    #expect(ledger.output.contains("Charged: 1 credit."), "\(ledger.output)")
    #expect(try await server.billed == 1)
  }

  /// The first task that the ledger in `folder` says was accepted; nil when the run has ended without.
  private func accepted(in folder: String, while run: Started) async throws -> String? {
    while run.isRunning {
      var task: String?
      if let ledger = try? LedgerReader(folder + "/.swapline/ledger.sqlite") {
        try? await ledger.forEach { if $0.state == .accepted { task = $0.task } }
      }
      if let task { return task }
      try await Task.sleep(for: .milliseconds(2))
    }
    return nil
  }
}
