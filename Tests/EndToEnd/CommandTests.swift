import Core
import Foundation
import Testing

/// What the command prints and how it ends.
@Suite struct CommandTests {
  @Test(
    arguments: [
      (["--help"], 0, "Usage: swapline"), (["run", "--help"], 0, "--scene"),
      (["--version"], 0, "swapline "), (["help", "serve"], 0, "--port"),
      (["stages"], 0, "normalize"), (["stages", "swap"], 0, "face_index"),
      (["providers"], 0, "CRUN_API_KEY"), (["schema"], 0, "draft/2020-12"),
      (["completion", "bash"], 0, "complete -o filenames -F _swapline"),
      (["help", "exit-codes"], 0, "130"), (["help", "errors", "--markdown"], 0, "# errors"),
    ] as [([String], Int32, String)])
  func showsWhatIsAskedFor(arguments: [String], status: Int32, text: String) async throws {
    let end = try await Started(Workshop.command.path, arguments).wait()
    #expect(end.status == status)
    #expect(end.output.contains(text), "\(end.output)")
    #expect(end.messages.isEmpty, "\(end.messages)")
  }

  @Test(
    arguments: [
      ([], 2, "Usage"), (["rum"], 2, "Did you mean 'swapline run'?"),
      (["run"], 2, "PIPELINE"), (["run", "--sceen", "x"], 2, "Did you mean --scene?"),
      (["run", "nowhere.yaml", "--scene", "x"], 2, "no pipeline file"),
      (["check", "nowhere.yaml"], 2, "no pipeline file"), (["probe"], 2, "FILE"),
      (["probe", "nowhere.jpg"], 1, "There is no file"), (["stages", "swop"], 2, "'swap'"),
      (["serve", "--port", "many"], 2, "whole number"), (["completion", "tcsh"], 2, "bash"),
      (["run", "--scene"], 2, "needs a value"), (["schema", "x"], 2, "does not take 'x'"),
    ] as [([String], Int32, String)])
  func saysWhatIsWrong(arguments: [String], status: Int32, text: String) async throws {
    let end = try await Started(Workshop.command.path, arguments).wait()
    #expect(end.status == status, "\(end.messages)")
    #expect(end.messages.contains(text), "\(end.messages)")
    #expect(end.output.isEmpty, "\(end.output)")
  }

  @Test func findingsEndWithThreeBeforeAnythingIsFetched() async throws {
    let workshop = try Workshop()
    let pipeline = try workshop.write(
      "version: 1\nstages:\n  - fetch\n  - swap: { provider: crun }\n  - thumbnials\n", to: "p.yaml"
    )
    let run = try await swapline(
      "run", pipeline, "--scene", "x.jpg", "--out", workshop.path("out"))
    #expect(run.status == 3)
    #expect(run.messages.contains("p.yaml:4:5: error:"), "\(run.messages)")
    #expect(run.messages.contains("Did you mean 'thumbnails'?"), "\(run.messages)")
    #expect(!FileManager.default.fileExists(atPath: workshop.path("out")))
  }

  @Test func aMissingKeyIsSaidBeforeAnythingIsFetched() async throws {
    let workshop = try Workshop()
    let pipeline = try workshop.write(
      "version: 1\nstages:\n  - fetch\n  - host: { to: upload }\n  - swap: { provider: crun }\n",
      to: "p.yaml")
    let run = try await swapline(
      "run", pipeline, "--scene", fixture("scenes/portrait.jpg"), "--face",
      fixture("faces/ada.jpg"), "--out", workshop.path("out"),
      environment: ["CRUN_API_KEY": ""])
    #expect(run.status == 2)
    #expect(run.messages.contains("CRUN_API_KEY"), "\(run.messages)")
    #expect(run.messages.contains("at: embedded"), "\(run.messages)")
  }

  @Test func probeMeasuresManyAndGoesOnAfterABadOne() async throws {
    let end = try await swapline(
      "probe", "--json", fixture("scenes/portrait.jpg"),
      fixture("formats/empty.jpg"), fixture("formats/alpha.png"))
    #expect(end.status == 4)
    let rows = try end.output.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    #expect(rows.count == 3)
    #expect(rows[0]["media"]?["width"]?.int == 960)
    #expect(rows[1]["error"]?["code"]?.string == "damaged")
    #expect(rows[2]["media"]?["hasAlpha"]?.bool == true)
  }

  @Test func standardInputIsAScene() async throws {
    let workshop = try Workshop()
    let pipeline = try workshop.write(
      "version: 1\nstages:\n  - fetch\n  - thumbnails: { sides: [32] }\n  - metadata\n",
      to: "p.yaml")
    let run = try await swapline(
      "run", pipeline, "--scene", "-", "--out", workshop.path("out"),
      input: fixture("scenes/portrait.jpg"))
    #expect(run.status == 0, "\(run.messages)")
    #expect(
      workshop.names(in: "out/stdin") == ["asset.json", "scene.jpg", "scene-32.webp"])
  }

  @Test func doctorNamesWorkersAndFormats() async throws {
    let end = try await swapline("doctor", environment: ["NO_COLOR": "1"])
    #expect(end.status == 0)
    for text in ["libvips", "jpg, png, webp", "media worker", "local engine    face-detection"] {
      #expect(end.output.contains(text), "\(end.output)")
    }
  }

  @Test func withoutNetworksAllButTheEngineWorks() async throws {
    let workshop = try Workshop()
    let bare = ["XDG_DATA_HOME": workshop.path("nowhere"), "SWAPLINE_MODELS": ""]
    let scene = fixture("scenes/portrait.jpg")
    let line = try workshop.write(
      "version: 1\nstages: [fetch, { normalize: { maximum_side: 480 } }, { convert: { to: [webp] } }]",
      to: "line.yaml")
    let prepared = try await swapline(
      ["run", line, "--scene", scene, "--out", workshop.path("out")], environment: bare)
    #expect(prepared.status == 0, "\(prepared.messages)")
    let faces = try await swapline(["probe", "--faces", scene], environment: bare)
    #expect(faces.status == 1)
    #expect(faces.messages.contains("hint: Run Scripts/fetch-networks"), "\(faces.messages)")
    let doctor = try await swapline(["doctor"], environment: bare)
    #expect(doctor.status == 0)
    #expect(doctor.output.contains("Run Scripts/fetch-networks"), "\(doctor.output)")
  }

  @Test func planSpendsNothing() async throws {
    let workshop = try Workshop()
    let end = try await swapline(
      "plan", QuickstartTests.pipeline, "--scene", "a.jpg", "--face", "b.jpg",
      in: workshop.folder)
    #expect(end.output.contains("local engine"))
    // As a run would end, whose scene is not there.
    #expect(end.status == 1 && end.output.contains("1 item, 1 would fail."), "\(end.output)")
    #expect(workshop.names(in: "").isEmpty)
  }

  @Test func aPlanLooksAtEveryItemAndSaysWhatARunWouldMeet() async throws {
    let workshop = try Workshop()
    let line = """
      version: 1
      providers: { crun: { at: embedded, price: { credits: 3, usd: 0.006 } } }
      stages: [fetch, { validate: { minimum_side: 500 } }, { normalize: { for: swap } }, host, { swap: { provider: crun } }, { convert: { to: [webp] } }]
      """
    let file = try workshop.write(line, to: "line.yaml")
    let scenes = workshop.path("scenes")
    try FileManager.default.createDirectory(atPath: scenes, withIntermediateDirectories: true)
    for number in 0..<30 {
      try FileManager.default.copyItem(
        atPath: fixture("scenes/portrait.jpg"), toPath: "\(scenes)/s\(number).jpg")
    }
    try FileManager.default.copyItem(
      atPath: fixture("formats/orientation-1.jpg"), toPath: scenes + "/small.jpg")
    let face = ["--face", "file://" + fixture("faces/ben.jpg")]
    let end = try await swapline(["plan", file, "--scene", scenes] + face)
    #expect(end.status == 4, "\(end.messages)")
    for text in [
      "31 items, 1 would fail.", "Swaps to buy: 30; price 90 credits (0.18 USD)",
      "small: validate, scene: would fail", "Disk: about ",
      " free; local inputs are used where they are.",
    ] {
      #expect(end.output.contains(text), "\(text) in \(end.output)")
    }
    let sample = try await swapline(["plan", file, "--scene", scenes, "--sample", "4"] + face)
    #expect(
      sample.output.contains("Swaps to buy: 4 to 31; price 12 credits (0.024 USD) to 93 credits"))
    #expect(sample.output.contains("The first 4 items were checked; 27 more were not."))

    // What would stop a run stops the plan with the same exit code.
    let remote = try workshop.write(
      line.replacingOccurrences(of: "at: embedded, ", with: ""), to: "remote.yaml")
    let none = try await swapline(["plan", remote, "--scene", scenes] + face)
    #expect(none.status == 2 && none.messages.contains("CRUN_API_KEY is not set"))
    #expect(none.messages.contains("which the provider cannot fetch"))
    let tunnel = try await swapline(
      ["plan", remote, "--scene", scenes, "--public-url", "https://tunnel.test"] + face,
      environment: ["CRUN_API_KEY": "k"])
    #expect(tunnel.status == 4, "\(tunnel.messages)")
    let good = try await swapline(["plan", file, "--scene", scenes + "/s1.jpg"] + face)
    #expect(good.status == 0, "\(good.messages)")
  }

  @Test func aPlanTellsOfARowWithoutAFace() async throws {
    let workshop = try Workshop()
    let (scene, face) = (fixture("scenes/portrait.jpg"), fixture("faces/ben.jpg"))
    let list = try workshop.write(
      "id,scene,face\none,\(scene),\(face)\ntwo,\(scene),\n", to: "items.csv")
    let end = try await swapline("plan", QuickstartTests.pipeline, "--items", list)
    #expect(end.status == 4, "\(end.messages)")
    #expect(end.output.contains("The item 'two' has no face"), "\(end.output)")
    #expect(end.output.contains("; 1 row is not an item."), "\(end.output)")
    #expect(end.output.contains("Swaps to buy: 1"), "\(end.output)")
  }

  @Test func theTotalsAreToldWhenTheRunsReportCannotBeWritten() async throws {
    let workshop = try Workshop()
    let pipe = try workshop.write(
      "version: 1\nstages:\n  - fetch\n  - thumbnails\n", to: "p.yaml")
    try FileManager.default.createDirectory(
      atPath: workshop.path("out/run.json/in-the-way"), withIntermediateDirectories: true)
    let run = try await swapline(
      "run", pipe, "--scene", fixture("scenes/portrait.jpg"), "--out",
      workshop.path("out"))
    #expect(run.status == 1)
    #expect(run.messages.contains("1 of 1 item done"), "\(run.messages)")
    #expect(run.messages.contains("error: ") && run.messages.contains("run.json"))
  }

  @Test func twoRunsDoNotShareAFolder() async throws {
    let workshop = try Workshop()
    let pipe = try workshop.write(
      "version: 1\nstages:\n  - fetch\n  - thumbnails\n", to: "p.yaml")
    try FileManager.default.createDirectory(
      atPath: workshop.path("out/.swapline"), withIntermediateDirectories: true)
    let holder = try Started(
      "/usr/bin/env", ["flock", "-F", workshop.path("out/.swapline/lock"), "sleep", "600"])
    while try await execute("flock", ["-n", workshop.path("out/.swapline/lock"), "true"]).status
      == 0
    {
      try await Task.sleep(for: .milliseconds(5))
    }
    let run = try await swapline(
      "run", pipe, "--scene", fixture("scenes/portrait.jpg"), "--out",
      workshop.path("out"))
    holder.signal(SIGTERM)
    #expect(run.status == 2, "\(run.messages)")
    #expect(run.messages.contains("Another run is working in"), "\(run.messages)")
  }
}
