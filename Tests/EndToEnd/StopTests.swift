import Foundation
import Testing

@Suite struct StopTests {
  @Test(arguments: [1, 2])
  func controlCEndsCleanlyAndTheNextRunGoesOn(signals: Int) async throws {
    let workshop = try Workshop()
    let rows = (0..<20).map { index in
      "{\"id\":\"i\(index)\",\"scene\":\"\(Workshop.fixture("scenes/portrait.jpg"))\","
        + "\"face\":\"\(Workshop.fixture("faces/ada.jpg"))\",\"convert.quality\":\(40 + index)}"
    }
    let items = try workshop.write(rows.joined(separator: "\n"), to: "items.jsonl")
    let arguments = [
      "run", QuickstartTests.pipeline, "--items", items, "--out", workshop.path("out"),
      "--in-hand", "2",
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
}
