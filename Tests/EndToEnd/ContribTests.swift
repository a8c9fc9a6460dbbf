import Foundation
import Pipelines
import Testing

/// What `contrib` has for clusters, with stand-ins for the engine and the command.
@Suite struct ContribTests {
  static let root = Workshop.root.appending(path: "contrib")

  /// A place in a YAML file, by names of mappings and numbers of lists.
  private static func node(_ file: String, _ path: Any...) throws -> SourceNode {
    let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
    var node = try #require(try SourceNode(parsing: text, file: file))
    for step in path {
      let next: SourceNode? =
        switch step {
        case let name as String: node.entries?.first { $0.key.text == name }?.value
        case let number as Int: node.items?[number]
        default: nil
        }
      node = try #require(next, "\(file) has no \(step)")
    }
    return node
  }

  /// A shell whose signals are open: processes of a test begin with some that are blocked.
  private static let unblocked = """
    import os, signal, sys
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execvp("bash", ["bash", *sys.argv[1:]])
    """

  /// Runs a script with a command that says its words and ends with `code`, at SIGTERM with 75.
  private static func run(
    _ script: [String], code: Int32, _ environment: [String: String], stops: Bool = false,
    in workshop: borrowing Workshop
  ) async throws -> Finished {
    try FileManager.default.createDirectory(
      atPath: workshop.path("bin"), withIntermediateDirectories: true)
    for (name, text) in [
      (
        "swapline",
        "#!/bin/bash\necho \"$@\"\ntrap 'sleep 0.2; exit 75' TERM\n"
          + (stops ? "touch begun; while :; do sleep 0.05; done\n" : "exit \(code)\n")
      ),
      ("scontrol", "#!/bin/sh\necho scontrol \"$@\"\n"),
    ] {
      let path = try workshop.write(text, to: "bin/\(name)")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    let path = workshop.path("bin") + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let process = try Started(
      "/usr/bin/env", ["python3", "-c", unblocked] + script, in: workshop.folder,
      environment: environment.merging(["PATH": path, "SWAPLINE_PAUSE": "0"]) { $1 })
    while stops, process.isRunning, !workshop.names(in: ".").contains("begun") {
      try await Task.sleep(for: .milliseconds(5))
    }
    if stops { process.signal(SIGTERM) }
    return await process.wait()
  }

  static let ends: [(code: Int32, end: Int32, again: Bool)] = [
    (0, 0, false), (4, 0, false), (5, 5, false), (2, 2, false), (75, 75, true), (143, 143, true),
  ]

  @Test(arguments: ends)
  func slurmsTasksRunTheirParts(_ end: (code: Int32, end: Int32, again: Bool)) async throws {
    let workshop = try Workshop()
    try FileManager.default.createDirectory(
      atPath: workshop.path("parts"), withIntermediateDirectories: true)
    for number in ["0007", "0042"] { _ = try workshop.write("", to: "parts/\(number)-of-1000.csv") }
    let words = [
      Self.root.appending(path: "slurm/shards.sbatch").path, "line.yaml", "parts", "out", "spring",
      "postgres://shop@db/shop",
    ]
    var environment = ["SLURM_ARRAY_TASK_ID": "42", "SLURM_JOB_ID": "17"]
    let found = try await Self.run(words, code: end.code, environment, in: workshop)
    #expect(found.status == end.end, "\(found.messages)")
    #expect(
      found.output.hasPrefix(
        "run line.yaml --items parts/0042-of-1000.csv --out out --run spring --shard 42/1000 "
          + "--ledger postgres://shop@db/shop "), "\(found.output)")
    #expect(found.output.contains("scontrol requeue 17") == end.again)
    environment["SLURM_RESTART_COUNT"] = "20"
    let last = try await Self.run(words, code: end.code, environment, in: workshop)
    #expect(!last.output.contains("scontrol"))
    if end.code == 75 {
      let stopped = try await Self.run(words, code: 0, environment, stops: true, in: workshop)
      #expect(stopped.status == 75)
    }
  }

  @Test(arguments: ends)
  func kubernetesPodsRunTheirParts(_ end: (code: Int32, end: Int32, again: Bool)) async throws {
    let workshop = try Workshop()
    let script = try #require(
      try Self.node("kubernetes/job.yaml", "spec", "template", "spec", "containers", 0, "args", 0)
        .text)
    let environment = ["JOB_COMPLETION_INDEX": "41"]
    let found = try await Self.run(["-c", script], code: end.code, environment, in: workshop)
    #expect(found.status == end.end, "\(found.messages)")
    #expect(
      found.output.contains("--items /shop/parts/0042-of-1000.csv ")
        && found.output.contains("--shard 42/1000 "), "\(found.output)")
    if end.code == 75 {
      let stopped = try await Self.run(
        ["-c", script], code: 0, environment, stops: true, in: workshop)
      #expect(stopped.status == 75)
    }
  }

  /// The fields of Kubernetes' documentation (Job, Pod failure policy), and what they say of our exit codes.
  @Test func theJobEndsWhereNothingHelps() throws {
    let file = "kubernetes/job.yaml"
    #expect(try Self.node(file, "apiVersion").text == "batch/v1")
    #expect(try Self.node(file, "kind").text == "Job")
    #expect(try Self.node(file, "spec", "completionMode").text == "Indexed")
    let count = try Self.node(file, "spec", "completions").text
    #expect(try Self.node(file, "spec", "maxFailedIndexes").text == count)
    #expect(Int(try Self.node(file, "spec", "backoffLimitPerIndex").text ?? "") ?? 0 > 0)
    // Both policies want it.
    #expect(try Self.node(file, "spec", "template", "spec", "restartPolicy").text == "Never")
    let name = try Self.node(file, "spec", "template", "spec", "containers", 0, "name").text
    var actions: [String: [String]] = [:]
    for rule in try Self.node(file, "spec", "podFailurePolicy", "rules").items ?? [] {
      let entries = Dictionary(
        (rule.entries ?? []).map { ($0.key.text ?? "", $0.value) }, uniquingKeysWith: { $1 })
      let codes = entries["onExitCodes"]?.entries ?? []
      for (key, value) in codes where key.text == "containerName" { #expect(value.text == name) }
      let values = codes.first { $0.key.text == "values" }?.value.items?.compactMap(\.text)
      actions[entries["action"]?.text ?? ""] = values ?? []
    }
    #expect(actions == ["Ignore": [], "FailJob": ["5"], "FailIndex": ["2", "3", "6"]])
  }

  @Test func theWorkflowRunsEveryShard() async throws {
    let file = "kubernetes/workflow.yaml"
    #expect(try Self.node(file, "kind").text == "Workflow")
    let steps = try #require(try Self.node(file, "spec", "templates", 0, "steps").items)
    let templates = try Self.node(file, "spec", "templates").items?.compactMap {
      $0.entries?.first { $0.key.text == "name" }?.value.text
    }
    for step in steps {
      let name = step.items?.first?.entries?.first { $0.key.text == "template" }?.value.text
      #expect(templates?.contains(name ?? "") == true)
    }
    let again = try Self.node(file, "spec", "templates", 2, "retryStrategy", "expression").text
    #expect(again?.contains("75") == true && again?.contains("5,") == true)
    let workshop = try Workshop()
    let script = try #require(
      try Self.node(file, "spec", "templates", 2, "container", "args", 0).text
    )
    .replacing("{{inputs.parameters.number}}", with: "2")
    .replacing("{{workflow.parameters.shards}}", with: "3")
    .replacing("/shop/", with: workshop.folder.path + "/")
    try FileManager.default.createDirectory(
      atPath: workshop.path("parts"), withIntermediateDirectories: true)
    for number in 1...3 { _ = try workshop.write("", to: "parts/\(number)-of-3.jsonl") }
    for end in Self.ends {
      let found = try await Self.run(["-c", script], code: end.code, [:], in: workshop)
      #expect(found.status == end.end)
      #expect(found.output.contains("/parts/2-of-3.jsonl --shard 2/3 "), "\(found.output)")
    }
  }

  @Test func thePythonIsPython() async throws {
    for file in ["ray/swapline_ray.py", "ray/test", "slurm/test"] {
      let end = try await execute(
        "python3",
        [
          "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())",
          Self.root.appending(path: file).path,
        ])
      #expect(end.status == 0, "\(end.messages)")
    }
    let pinned = try String(
      contentsOf: Self.root.appending(path: "ray/requirements.txt"), encoding: .utf8)
    #expect(pinned.wholeMatch(of: /ray\[data\]==[0-9.]+\n/) != nil)
  }
}
