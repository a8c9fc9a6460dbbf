import Foundation
import MicroHTTPD
import Testing

/// What a stranger, a kill or a careless caller can do to a run.
@Suite struct HostileTests {
  private static let head = "version: 1\nproviders:\n  crun: "
  private static let tail = """

    stages:
      - fetch
      - normalize: { for: swap }
      - host
      - swap: { provider: crun, timeout: 10m }
    """

  @Test(arguments: ["file:///etc/hostname", "/etc/hostname", "-", "ftp://127.0.0.1/a.jpg"])
  func aProviderCannotMakeUsReadOurOwnFiles(result: String) async throws {
    var router = Router()
    router.on("POST", "/api/v1/client/job/CreateTask", bodyLimit: 100_000) { _ in
      .text(200, #"{"code":200,"message":"ok","data":{"task_id":"t1"}}"#)
    }
    router.on("GET", "/api/v1/client/job/TaskInfo") { _ in
      .text(
        200,
        #"{"code":200,"message":"ok","data":{"task_id":"t1","status":"success","result":"#
          + #"{"code":200,"media_urls":["\#(result)"]}}}"#)
    }
    let server = try HTTPServer(.init(port: 0), router: router)
    let workshop = try Workshop()
    let pipeline = try workshop.write(
      "\(Self.head){ base_url: \"\(server.origin)\" }\(Self.tail)", to: "p.yaml")
    let run = try await swapline(
      "run", pipeline, "--scene", fixture("scenes/portrait.jpg"), "--face",
      fixture("faces/ada.jpg"), "--out", workshop.path("out"),
      environment: ["CRUN_API_KEY": "ak_1"], input: fixture("scenes/two-people.jpg"))
    await server.stop()
    #expect(run.status == 6, "\(run.messages)")
    #expect(run.messages.contains("cannot be fetched: "), "\(run.messages)")
  }

  @Test func aKilledRunsTasksAreAskedForByTheNext() async throws {
    let workshop = try Workshop()
    let pipeline = try workshop.write("\(Self.head){ at: embedded }\(Self.tail)", to: "p.yaml")
    let rows = (0..<6).map { index in
      "{\"id\":\"i\(index)\",\"scene\":\"\(fixture("scenes/portrait.jpg"))\","
        + "\"face\":\"\(fixture("faces/ada.jpg"))\","
        + "\"normalize.maximum_side\":\(500 + index)}"
    }
    let items = try workshop.write(rows.joined(separator: "\n"), to: "items.jsonl")
    let arguments = ["run", pipeline, "--items", items, "--out", workshop.path("out")]
    let run = try Started(Workshop.command.path, arguments + ["--json"])
    while run.isRunning, !run.outputSoFar.contains("task_") {
      try await Task.sleep(for: .milliseconds(5))
    }
    run.signal(SIGKILL)
    _ = await run.wait()
    let next = try await Started(Workshop.command.path, arguments).wait()
    #expect(next.status == 0, "\(next.messages)")
  }

  @Test func closedStreamsAreNoReasonToFail() async throws {
    let workshop = try Workshop()
    let pipeline = try workshop.write(
      "version: 1\nstages:\n  - fetch\n  - metadata\n", to: "p.yaml")
    let run = try await execute(
      "sh",
      [
        "-c", "exec \"$0\" run \"$1\" --scene \"$2\" --out \"$3\" <&- >&- 2>&-",
        Workshop.command.path, pipeline, fixture("faces/ada.jpg"), workshop.path("out"),
      ])
    #expect(run.status == 0)
    #expect(workshop.names(in: "out/ada").contains("asset.json"))
  }

  @Test func resultsThatCannotBeWrittenAreAnError() async throws {
    let run = try await execute("sh", ["-c", "\"$0\" stages >/dev/full", Workshop.command.path])
    #expect(run.status == 1)
    #expect(run.messages.contains("could not be written"), "\(run.messages)")
  }

  @Test func aPasswordInAnAddressIsNotPrinted() async throws {
    let workshop = try Workshop()
    let pipeline = try workshop.write("version: 1\nstages:\n  - fetch\n", to: "p.yaml")
    let run = try await swapline(
      "run", pipeline, "--scene", "http://me:secret@127.0.0.1:9/a.jpg?key=hidden", "--out",
      workshop.path("out"))
    #expect(run.status == 2)
    #expect(run.messages.contains("http://…@127.0.0.1:9/a.jpg?…"), "\(run.messages)")
    #expect(!run.messages.contains("secret") && !run.messages.contains("hidden"))
  }
}
