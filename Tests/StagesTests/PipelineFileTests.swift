import Core
import Foundation
import Hosting
import Pipelines
import Providers
import Stages
import TestSupport
import Testing

let vocabulary = Vocabulary(
  stages: StageList.all,
  providers: ProviderDescriptor.all.map { descriptor in
    Vocabulary.Provider(
      name: descriptor.name, summary: descriptor.title,
      settings: [Vocabulary.Setting("at", "where", words: ["embedded"])])
  }, hosts: Hosts.all.map(\.vocabulary) + [FakeHost.store.vocabulary])

func read(_ text: String) -> PipelineFile {
  PipelineFile(text: text, file: "test.yaml", vocabulary: vocabulary)
}

/// A mistake in a pipeline file: where it must be found and what must be said.
struct Mistake: Sendable, CustomTestStringConvertible {
  var text: String
  var line: Int
  var column: Int
  var says: String
  var hints: String
  var testDescription: String { says }

  init(_ text: String, _ line: Int, _ column: Int, says: String, hints: String) {
    (self.text, self.line, self.column, self.says, self.hints) = (text, line, column, says, hints)
  }

  static func hosts(_ value: String, _ column: Int, says: String, hints: String) -> Mistake {
    Mistake("version: 1\nhosts: \(value)\nstages: [fetch]", 2, column, says: says, hints: hints)
  }

  static func stages(_ lines: String, _ line: Int, _ column: Int, says: String, hints: String)
    -> Mistake
  {
    Mistake("version: 1\nstages:\n" + lines, line + 2, column, says: says, hints: hints)
  }
}

@Suite struct PipelineFileTests {
  @Test func aFileThatIsNoUTF8IsToldWhereItEnds() throws {
    let path = URL(filePath: TestFolder.unique("text"))
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(Array("version: 1\nname: ".utf8) + [0xFF, 0xFE]).write(to: path)
    let file = try PipelineFile(path: path.path, vocabulary: vocabulary)
    #expect(file.pipeline == nil)
    #expect(file.findings.map(\.place?.line) == [2])
    #expect(file.findings.map(\.place?.column) == [7])
  }

  static let mistakes: [Mistake] = [
    Mistake("", 1, 1, says: "empty", hints: "version: 1"),
    Mistake("[1, 2]", 1, 1, says: "a mapping", hints: "stages"),
    Mistake("version: 2\nstages: [fetch]", 1, 10, says: "version 1", hints: "1"),
    Mistake("stages: [fetch]", 1, 1, says: "'version' is missing", hints: "version: 1"),
    Mistake("version: 1", 1, 1, says: "'stages' is missing", hints: "stages:"),
    Mistake("version: 1\nstages: []", 2, 9, says: "at least one stage", hints: "- "),
    Mistake("version: 1\nstages: fetch", 2, 9, says: "a list", hints: "- "),
    Mistake("version: 1\nstage: [fetch]", 2, 1, says: "no 'stage'", hints: "'stages'"),
    Mistake("version: 1\nversion: 1\nstages: [fetch]", 2, 1, says: "twice", hints: "one"),
    Mistake("version: 1\nstages: [fetch", 2, 9, says: "YAML", hints: "indentation"),
    Mistake(
      "version: 1\nproviders: { krun: {} }\nstages: [fetch]", 2, 14, says: "no 'krun'",
      hints: "'crun'"),
    Mistake(
      "version: 1\nproviders: { crun: { at: embeded } }\nstages: [fetch]", 2, 26,
      says: "'embeded'", hints: "'embedded'"),
    .hosts("5", 8, says: "mapping of names", hints: "KIND"),
    .hosts("{ 'a b': embedded }", 10, says: "a word", hints: "letters"),
    .hosts("{ a: embedded, a: upload }", 23, says: "'a' is written twice", hints: "one"),
    .hosts("{ a: { stor: {} } }", 15, says: "no kind of host 'stor'", hints: "'store'"),
    .hosts("{ a: ftp }", 13, says: "no kind of host 'ftp'", hints: "embedded"),
    .hosts("{ a: { store: {}, upload: {} } }", 13, says: "is one kind", hints: "KIND"),
    .hosts("{ a: [store] }", 13, says: "not a list", hints: "KIND"),
    .hosts("{ a: }", 13, says: "not nothing", hints: "KIND"),
    .hosts("{ a: store }", 13, says: "lacks 'bucket'", hints: "Where"),
    .hosts("{ a: { store: {} } }", 15, says: "lacks 'bucket'", hints: "Where"),
    .hosts("{ a: { store: 5 } }", 22, says: "a mapping, not '5'", hints: "bucket"),
    .hosts("{ a: { store: { bukcet: b } } }", 24, says: "no 'bukcet'", hints: "'bucket'"),
    .hosts("{ a: { store: { bucket: [] } } }", 32, says: "a text", hints: "Where"),
    .hosts("{ a: { store: { bucket: b c } } }", 32, says: "no spaces", hints: "Where"),
    .hosts(
      "{ a: { store: { bucket: b, style: hots } } }", 42, says: "'hots'", hints: "'host'"),
    .hosts("{ a: { embedded: { port: 1 } } }", 27, says: "no 'port'", hints: "Nothing"),
    .hosts("{ upload: embedded }", 10, says: "kind of host itself", hints: "my-upload"),
    .stages("  - fetch\n  - host: { to: store }\n", 2, 17, says: "needs settings", hints: "mine"),
    .stages("  - fetch\n  - host: { to: [] }\n", 2, 17, says: "is empty", hints: "one"),
    .stages(
      "  - fetch\n  - host: { to: [upload, upload] }\n", 2, 17, says: "twice", hints: "once"),
    .stages(
      "  - fetch\n  - host: { to: [upload, nobody] }\n", 2, 26, says: "no host 'nobody'",
      hints: "embedded"),
    .stages("  - fetsh\n", 1, 5, says: "no stage 'fetsh'", hints: "'fetch'"),
    .stages(
      "  - fetch: { maximum_sise: 5MB }\n", 1, 14, says: "no parameter", hints: "'maximum_size'"),
    .stages("  - fetch: { maximum_size: 50XB }\n", 1, 28, says: "'50XB'", hints: "MB"),
    .stages("  - fetch: { timeout: 30 }\n", 1, 23, says: "'30'", hints: "ms, s"),
    .stages("  - fetch: { retries: -1 }\n", 1, 23, says: "0 to 20", hints: ""),
    .stages("  - fetch: { retries: many }\n", 1, 23, says: "whole number", hints: ""),
    .stages("  - fetch: { retries: 1, retries: 2 }\n", 1, 26, says: "twice", hints: "one"),
    .stages("  - fetch: 5\n", 1, 12, says: "mapping", hints: "fetch"),
    .stages("  - fetch: { addresses: pubic }\n", 1, 25, says: "'pubic'", hints: "'public'"),
    .stages("  - {fetch: {}, validate: {}}\n", 1, 5, says: "one name", hints: ""),
    .stages("  - metadata\n  - fetch\n", 1, 5, says: "nothing was fetched", hints: "fetch"),
    .stages("  - fetch\n  - fetch\n", 2, 5, says: "fetched already", hints: "Remove"),
    .stages(
      "  - fetch\n  - swap: { provider: crun }\n", 2, 5, says: "with an address", hints: "host"),
    .stages(
      "  - fetch\n  - host\n  - normalize\n", 3, 5, says: "before they are hosted", hints: "host"),
    .stages(
      "  - fetch\n  - host\n  - swap: { provider: crun }\n  - validate\n", 4, 5,
      says: "the swap is done", hints: "before 'swap'"),
    .stages(
      "  - fetch\n  - host\n  - swap: { provider: crum }\n", 3, 23, says: "no provider 'crum'",
      hints: "'crun'"),
    .stages(
      "  - fetch\n  - host\n  - swap\n", 3, 5, says: "'swap' names no provider", hints: "crun"),
    .stages("  - fetch\n  - host: { to: embeded }\n", 2, 17, says: "no host", hints: "'embedded'"),
    .stages(
      "  - fetch\n  - normalize: { for: swap }\n", 2, 5, says: "no 'swap' follows", hints: "limits"),
    .stages("  - fetch\n  - thumbnails: { sides: [] }\n", 2, 26, says: "no sides", hints: ""),
    .stages("  - fetch\n  - thumbnails: { sides: [10, 10] }\n", 2, 26, says: "twice", hints: ""),
    .stages("  - fetch\n  - thumbnails: { sides: [0] }\n", 2, 26, says: "1 to 16384", hints: ""),
    .stages("  - fetch\n  - thumbnails: { format: jpk }\n", 2, 27, says: "'jpk'", hints: "'jpg'"),
    .stages("  - fetch\n  - convert: { to: [png, heic] }\n", 2, 20, says: "not written", hints: ""),
    .stages("  - fetch\n  - convert: { background: red }\n", 2, 28, says: "'red'", hints: "quotes"),
    .stages(
      "  - fetch\n  - validate: { minimum_side: 9, maximum_side: 5 }\n", 2, 15, says: "above",
      hints: ""),
    .stages("  - fetch\n  - metadata: { all: yes }\n", 2, 17, says: "no parameter", hints: "none"),
  ]

  @Test(arguments: mistakes)
  func findsMistakesWhereTheyStand(mistake: Mistake) throws {
    let file = read(mistake.text)
    #expect(file.pipeline == nil)
    let finding = try #require(file.findings.first)
    #expect(finding.message.contains(mistake.says), "\(finding.message)")
    #expect(finding.place?.line == mistake.line, "\(finding)")
    #expect(finding.place?.column == mistake.column, "\(finding)")
    if !mistake.hints.isEmpty {
      #expect(finding.hint?.contains(mistake.hints) == true, "\(finding.hint ?? "no hint")")
    }
  }

  @Test func findsAllMistakesAtOnce() {
    let file = read(
      """
      version: 3
      nmae: x
      stages:
        - fetch: { maximum_size: 50XB, retries: 99 }
        - swap: { provider: crum }
        - thumbnials
      """)
    #expect(file.findings.count == 7, "\(file.findings.map(\.message))")
    #expect(file.findings.map { $0.place?.line ?? 0 } == [1, 2, 4, 4, 5, 5, 6])
  }

  @Test func showsTheLineWithACaret() {
    let file = read("version: 1\nstages:\n  - fetch: { maximum_size: 50XB }\n")
    let text = FindingPrinter(text: file.text).show(file.findings[0])
    #expect(
      text == """
        test.yaml:3:28: error: Expected a size such as 50MB, found '50XB'.
          3 |   - fetch: { maximum_size: 50XB }
            |                            ^~~~
          hint: Units are B, kB, MB, GB, KiB, MiB, GiB.

        """)
  }

  @Test func everyStageHasAnExampleThatReads() {
    for stage in StageList.all {
      let before = stage.takes == .requested ? "" : "  - fetch\n"
      let host = stage.takes == .hosted ? "  - host\n" : ""
      let after =
        stage.name == "normalize" ? "  - host\n  - swap: { provider: crun }\n" : ""
      let text = "version: 1\nstages:\n\(before)\(host)  - \(stage.example)\n\(after)"
      let file = read(text)
      #expect(file.findings.isEmpty, "\(stage.name): \(file.findings)")
    }
  }
}
