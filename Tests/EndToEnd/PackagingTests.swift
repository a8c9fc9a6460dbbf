import Foundation
import Testing

/// What is installed, and the files that packages are made from.
@Suite struct PackagingTests {
  /// An installation below a folder of its own, made from what was built for the tests.
  private func install(_ workshop: borrowing Workshop) async throws -> String {
    let end = try await Started(
      Workshop.root.appending(path: "Scripts/install").path, [],
      environment: [
        "PREFIX": "/opt/swap", "DESTDIR": workshop.path("to"), "BUILT": Workshop.products.path,
      ]
    ).wait()
    try #require(end.status == 0, "\(end.messages)")
    return workshop.path("to") + "/opt/swap"
  }

  @Test func anInstalledCommandFindsItsWorker() async throws {
    let workshop = try Workshop()
    let prefix = try await install(workshop)
    // Nothing named swapline-media is in PATH, and none lies beside the command.
    let end = try await Started(
      "\(prefix)/bin/swapline",
      ["probe", "--complete", "\(prefix)/share/swapline/examples/scene.jpg", "--json"],
      environment: ["PATH": "/usr/bin:/bin"]
    ).wait()
    #expect(end.status == 0, "\(end.messages)")
    #expect(end.output.contains("\"format\":\"jpg\""), "\(end.output)")
    try FileManager.default.removeItem(atPath: "\(prefix)/libexec/swapline/swapline-media")
    let without = try await Started(
      "\(prefix)/bin/swapline",
      ["probe", "--complete", "\(prefix)/share/swapline/examples/scene.jpg"],
      environment: ["PATH": "/usr/bin:/bin"]
    ).wait()
    #expect(without.status != 0)
    #expect(without.messages.contains("swapline-media"), "\(without.messages)")
  }

  private static let groff = Tool.absence("groff")

  @Test(.enabled(if: groff == nil, "\(groff ?? "")"))
  func everyPageIsAManualPageWithoutWarnings() async throws {
    let workshop = try Workshop()
    let prefix = try await install(workshop)
    let pages = try FileManager.default.subpathsOfDirectory(atPath: "\(prefix)/share/man")
      .filter { $0.hasSuffix(".gz") }
    let list = try await swapline("help", "--list")
    #expect(pages.count == list.output.split(separator: "\n").count)
    #expect(pages.contains("man1/swapline-run.1.gz") && pages.contains("man7/swapline-errors.7.gz"))
    for page in pages {
      let end = try await execute(
        "sh", ["-c", "zcat \"$1\" | groff -man -Tutf8 -ww -z", "sh", "\(prefix)/share/man/\(page)"])
      #expect(end.messages.isEmpty, "\(page): \(end.messages)")
    }
  }

  @Test(
    arguments: [
      (["swapline", "pre"], "presets"), (["swapline", "run", "amazon-m"], "amazon-main"),
      (["swapline", "run", "--conc"], "--concurrency"),
      (["swapline", "stages", "thumb"], "thumbnails"),
      (["swapline", "run", "x.yaml", "--set", "thumbnails.fo"], "thumbnails.format="),
      (["swapline", "ledger", "--state", "amb"], "ambiguous"),
      (["swapline", "help", "exit"], "exit-codes"), (["swapline", "completion", "fi"], "fish"),
    ])
  func bashCompletes(words: [String], to expected: String) async throws {
    let script = """
      source <("$1" completion bash); shift
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }
      _swapline; printf '%s\\n' "${COMPREPLY[@]}"
      """
    let end = try await execute("bash", ["-c", script, "bash", Workshop.command.path] + words)
    #expect(end.output.split(separator: "\n").map(String.init) == [expected], "\(end)")
  }

  private static let shells = Tool.absence("zsh", "fish")

  @Test(.enabled(if: shells == nil, "\(shells ?? "")"), arguments: ["zsh", "fish"])
  func anotherShellReadsItsCompletion(shell: String) async throws {
    let workshop = try Workshop()
    let script = try workshop.write(
      try await swapline("completion", shell).output, to: "completion.\(shell)")
    let end = try await execute(shell, ["-n", script])
    #expect(end.status == 0 && end.messages.isEmpty, "\(end.messages)")
    guard shell == "fish" else { return }
    let words = try await execute(
      "fish", ["-c", "source \(script); complete -C 'swapline ledger --state amb'"])
    #expect(words.output.hasPrefix("ambiguous"), "\(words.output) \(words.messages)")
  }

  @Test func theContainerfileIsAsItShouldBe() async throws {
    let end = try await execute(
      Workshop.root.appending(path: "Scripts/lint-container").path, [])
    #expect(end.status == 0, "\(end.messages)")
  }

  @Test(
    arguments: [
      ("FROM docker.io/library/debian:12.12-slim AS build", "FROM debian", "names no registry"),
      ("USER 65532:65532", "USER root", "runs as root"),
      ("USER 65532:65532", "USER swap", "is a name"),
      (
        "FROM docker.io/library/debian:12.12-slim\n", "FROM docker.io/library/debian\n",
        "no fixed tag"
      ),
      (" --no-install-recommends bash", " bash", "DL3015"),
      ("&& rm -rf /var/lib/apt/lists/*", "&& true", "DL3009"),
      ("ENTRYPOINT [\"swapline\"]", "ENTRYPOINT swapline", "JSON list"),
      ("HEALTHCHECK", "LABEL health=", "no HEALTHCHECK"),
      ("COPY . .", "COPY nowhere .", "no nowhere to copy"),
      ("--from=build", "--from=built", "no stage built"),
      ("ENV HOME=/data", "ENV CRUN_API_KEY=x HOME=/data", "a secret"),
    ])
  func aBadContainerfileIsFound(good: String, bad: String, message: String) async throws {
    let text = try String(
      contentsOf: Workshop.root.appending(path: "Containerfile"), encoding: .utf8)
    let broken =
      text.contains(good)
      ? text.replacing(good, with: bad)
      : text.replacing("FROM docker.io/library/debian:12.12-slim", with: bad)
    try #require(broken != text)
    let workshop = try Workshop()
    let file = try workshop.write(broken, to: "Containerfile")
    let end = try await execute(
      Workshop.root.appending(path: "Scripts/lint-container").path, [file])
    #expect(end.status == 1)
    #expect(end.messages.contains(message), "\(end.messages)")
  }

  private static let systemd = Tool.absence("systemd-analyze")

  @Test(.enabled(if: systemd == nil, "\(systemd ?? "")"))
  func theUnitIsWhatSystemdReads() async throws {
    let workshop = try Workshop()
    let prefix = try await install(workshop)
    let unit = workshop.path("swapline.service")
    let text = try String(
      contentsOfFile: "\(prefix)/lib/systemd/system/swapline.service", encoding: .utf8)
    #expect(text.contains("ExecStart=/opt/swap/bin/swapline serve"))
    try text.replacing("/opt/swap", with: prefix).write(
      toFile: unit, atomically: true, encoding: .utf8)
    let read = try await execute("systemd-analyze", ["verify", "--man=no", unit])
    #expect(read.status == 0 && read.messages.isEmpty, "\(read.messages)")
    // 10 is a service that may do anything.
    let exposure = try await execute(
      "systemd-analyze", ["security", "--offline=true", "--threshold=20", unit])
    #expect(exposure.status == 0, "\(exposure.output.suffix(300))")
  }

  @Test func theVersionIsTheSameEverywhere() async throws {
    let version = try await swapline("--version").output.split(separator: " ").last!.dropLast()
    let changelog = try String(
      contentsOf: Workshop.root.appending(path: "debian/changelog"), encoding: .utf8)
    #expect(changelog.hasPrefix("swapline (\(version)) "))
    let changes = try String(
      contentsOf: Workshop.root.appending(path: "CHANGELOG.md"), encoding: .utf8)
    #expect(changes.contains("## [\(version)]"))
  }
}
