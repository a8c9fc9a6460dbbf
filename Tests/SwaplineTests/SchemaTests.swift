import Swapline
import TestSupport
import Testing

/// What applies the schema.
enum SchemaReader {
  static let python = "/usr/bin/python3"

  /// Why the schema cannot be applied; nil when it can.
  static let absence: String? = {
    let paths = [
      "/usr/lib/python3/dist-packages/jsonschema", "/usr/lib/python3/dist-packages/yaml",
    ]
    return paths.allSatisfy(FileSystem.exists)
      ? nil : "python3-jsonschema and python3-yaml are not installed: run Scripts/setup tests"
  }()
}

/// `swapline check` and the JSON Schema refuse the same files, and take the same.
///
/// The schema is applied by Debian's jsonschema to files that Debian's PyYAML has read, a reader of
/// YAML 1.1: as an editor does it.
@Suite(.enabled(if: SchemaReader.absence == nil, "\(SchemaReader.absence ?? "")"))
struct SchemaTests {

  private static let program = """
    import json, sys, yaml, jsonschema
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    def keyed(value):
        if isinstance(value, dict): return {json.dumps(k) if k is True else str(k): keyed(v) for k, v in value.items()}
        return [keyed(v) for v in value] if isinstance(value, list) else value
    for path in sys.argv[2:]:
        try:
            problem = next((e.message for e in validator.iter_errors(keyed(yaml.safe_load(open(path))))), "")
        except yaml.YAMLError as error:
            problem = "no YAML"
        print("good" if problem == "" else "wrong: " + problem.replace("\\n", " ")[:200])
    """

  /// What the schema says of each text: nil for a good one.
  private func applied(to texts: [String]) async throws -> [String?] {
    let folder = TestFolder.unique("schema")
    try FileSystem.makeFolder(folder)
    try FileSystem.write(
      Array(JSONText.pretty(PipelineSchema.document(.standard)).utf8), to: folder + "/schema.json")
    var paths: [String] = []
    for (index, text) in texts.enumerated() {
      paths.append("\(folder)/\(index).yaml")
      try FileSystem.write(Array(text.utf8), to: paths[index])
    }
    let end = try await Started(
      SchemaReader.python, ["-c", Self.program, folder + "/schema.json"] + paths
    ).wait()
    FileSystem.remove(folder)
    try #require(end.status == 0, "\(end.messages)")
    let lines = end.output.split(separator: "\n").map(String.init)
    try #require(lines.count == texts.count)
    return lines.map { $0 == "good" ? nil : $0 }
  }

  private static func file(_ stages: String, providers: String = "crun: { at: embedded }") -> String
  {
    "version: 1\nproviders: { \(providers) }\nstages:\n"
      + stages.split(separator: "|").map { "  - \($0)\n" }.joined()
  }

  private static func hosts(_ hosts: String, to name: String) -> String {
    "version: 1\nhosts: \(hosts)\nstages: [fetch, { host: { to: \(name) } }]\n"
  }

  private static let swap = "fetch|host|swap: { provider: crun }"

  static let wrong: [String] =
    [
      // The file itself.
      "", "[]", "version: 1\n", "stages: [fetch]\n", "version: 2\nstages: [fetch]\n",
      "version: one\nstages: [fetch]\n", "version: 1\nstages: []\n", "version: 1\nstages: fetch\n",
      "version: 1\nstages: { fetch: {} }\n", "version: 1\nstages: [fetch]\nextra: 1\n",
      "version: 1\nname: []\nstages: [fetch]\n",
      "version: 1\npreset: { source: a }\nstages: [fetch]\n",
      "version: 1\npreset: { source: a, verified: soon, confidence: high }\nstages: [fetch]\n",
      "version: 1\npreset: { source: a, verified: '2026-01-01', confidence: sure }\n"
        + "stages: [fetch]\n",
      "version: 1\nbudget: 5\nstages: [fetch]\n",
      "version: 1\nbudget: { run: -1 }\nstages: [fetch]\n",
      "version: 1\nbudget: { week: 1 }\nstages: [fetch]\n",
      "version: 1\nbudget: { day: much }\nstages: [fetch]\n",
      "version: 1\noutputs: '{width}.{format}'\nstages: [fetch]\n",
      "version: 1\noutputs: '/tmp/{id}.{format}'\nstages: [fetch]\n",
      "version: 1\noutputs: '../{id}.{format}'\nstages: [fetch]\n",
      "version: 1\noutputs: '{id}.png'\nstages: [fetch]\n",
      // Providers.
      file("fetch", providers: "nobody: {}"), file("fetch", providers: "crun: { at: home }"),
      file("fetch", providers: "crun: { colour: red }"), file("fetch", providers: "crun: 5"),
      file("fetch", providers: "crun: { price: { usd: 1 } }"),
      file("fetch", providers: "crun: { price: -2 }"),
      // Hosts.
      hosts("5", to: "upload"), hosts("{ 'a b': upload }", to: "upload"),
      hosts("{ a: ftp }", to: "upload"), hosts("{ a: { ftp: {} } }", to: "upload"),
      hosts("{ a: [upload] }", to: "upload"), hosts("{ a: { upload: 5 } }", to: "a"),
      hosts("{ a: { upload: {}, embedded: {} } }", to: "a"),
      hosts("{ a: { upload: { colour: red } } }", to: "a"), hosts("{ a: upload }", to: "[]"),
      hosts("{ a: upload }", to: "[a, a]"), file("fetch|host: { to: [upload, nowhere] }"),
      // Names and keys.
      file("fetsch"), file("fetch: { maximum: 5MB }"), file("fetch: 5"), file("fetch: []"),
      "version: 1\nstages:\n  - fetch:\n    thumbnails:\n", file("[fetch]"),
      // Values.
      file("fetch: { maximum_size: 50XB }"), file("fetch: { timeout: 5 }"),
      file("fetch: { timeout: fast }"), file("fetch: { redirects: 21 }"),
      file("fetch: { redirects: -1 }"), file("fetch: { retries: many }"),
      file("fetch: { addresses: mine }"), file("fetch|validate: { minimum_side: 0 }"),
      file("fetch|validate: { maximum_aspect: 0.5 }"), file("fetch|validate: { complete: maybe }"),
      file("fetch|validate: { formats: [jpgg] }"), file("fetch|normalize: { for: nobody }"),
      file("fetch|normalize: { maximum_frame_rate: 0 }"), file("fetch|normalize: { bit_depth: 7 }"),
      file("fetch|normalize: { formats: [] }"), file("fetch|normalize: { background: redd }"),
      file("fetch|normalize: { metadata: some }"), file("fetch|host: { to: nowhere }"),
      file("fetch|thumbnails: { sides: [] }"), file("fetch|thumbnails: { sides: [64, 64] }"),
      file("fetch|thumbnails: { sides: [0] }"), file("fetch|thumbnails: { format: heic }"),
      file("fetch|thumbnails: { fit: stretch }"), file("fetch|thumbnails: { quality: 101 }"),
      file("fetch|convert: { to: [] }"), file("fetch|convert: { to: heic }"),
      file("fetch|previews: { format: jpg }"), file("fetch|posters: { best_of: 0 }"),
      file("fetch|posters: { at: [1s, 1s] }"), file("fetch|contact_sheet: { frames: 0 }"),
      file("fetch|resize: { name: 'a b' }"), file("fetch|resize: { width: 16385 }"),
      file("fetch|inspect: { minimum_fill: 2 }"), file("fetch|label: { digital_source_type: x }"),
      // Order, and what cannot be without another.
      file("thumbnails"), file("metadata|fetch"), file("fetch|fetch"),
      file("fetch|swap: { provider: crun }"), file("fetch|host|swap"),
      file("fetch|host|swap: { provider: nobody }"), file("\(swap)|swap: { provider: crun }"),
      file("fetch|host|host|swap: { provider: crun }"),
      file("\(swap.replacing("crun }", with: "crun, face_index: -1 }"))"),
    ]

  @Test func bothRefuseTheSameWrongFiles() async throws {
    #expect(Self.wrong.count >= 60 && Set(Self.wrong).count == Self.wrong.count)
    let problems = try await applied(to: Self.wrong)
    for (text, problem) in zip(Self.wrong, problems) {
      let file = PipelineFile(text: text, file: "p.yaml", vocabulary: .standard)
      #expect(file.pipeline == nil, "check takes:\n\(text)")
      #expect(problem != nil, "the schema takes:\n\(text)")
    }
  }

  static let good: [String] = [
    "version: 1\noutputs: 'web/{id}_{width}.{format}'\nstages: [fetch]\n",
    file("fetch"), file("fetch|thumbnails|metadata"), file(swap),
    file("\(swap)|convert: { to: png }"),
    file(
      "fetch|normalize: { srgb: false, for: crun }|host: { to: upload }|swap: { provider: crun }"),
    file("fetch|validate: { maximum_size: 10_000 }|resize: { width: 100 }"),
    file("fetch|posters: { at: 1s }|previews: { sides: 64, format: mp4 }"),
    hosts("", to: "upload"), hosts("{ a: upload }", to: "a"),
    hosts("{ a: { upload: {} }, b: { embedded: } }", to: "[a, b, embedded]"),
    file("fetch|host: { to: [upload, embedded] }"),
    // Read as the new key, and told: a reader of YAML 1.1 makes `true` of it.
    file("fetch|host: { on: embedded }|swap: { provider: crun }"),
    file("fetch", providers: "crun: { price: { credits: 2, usd: 0.004 }, in_flight: 8 }"),
  ]

  @Test func bothTakeWhatIsGoodAndEveryFileThatIsShipped() async throws {
    var texts = Self.good
    for folder in ["pipelines", "pipelines/presets"] {
      for name in FileSystem.names(in: Self.root + "/" + folder) where name.hasSuffix(".yaml") {
        let bytes = try FileSystem.read("\(Self.root)/\(folder)/\(name)")
        texts.append(String(decoding: bytes, as: UTF8.self))
      }
    }
    #expect(texts.count > Self.good.count + 15)
    let problems = try await applied(to: texts)
    for (text, problem) in zip(texts, problems) {
      let file = PipelineFile(text: text, file: "p.yaml", vocabulary: .standard)
      #expect(file.pipeline != nil, "\(file.findings):\n\(text)")
      #expect(problem == nil, "\(problem ?? ""):\n\(text)")
    }
  }

  static let root = String(#filePath.dropLast("/Tests/SwaplineTests/SchemaTests.swift".count))
}

/// The schema that is shipped, and the line by which editors find it.
@Suite struct ShippedSchemaTests {
  @Test func theShippedSchemaIsThisVersions() throws {
    let shipped = try FileSystem.read(SchemaTests.root + "/pipelines/schema.json")
    #expect(
      String(decoding: shipped, as: UTF8.self)
        == (try JSONText.pretty(PipelineSchema.document(.standard))),
      "run: swapline schema > pipelines/schema.json")
  }

  @Test(arguments: ["pipelines", "pipelines/presets", "Sources/Presets/files"])
  func everyFileNamesIt(folder: String) throws {
    let place = SchemaTests.root + "/" + folder
    let names = FileSystem.names(in: place).filter { $0.hasSuffix(".yaml") }
    #expect(names.count > 5)
    for name in names {
      let text = String(decoding: try FileSystem.read("\(place)/\(name)"), as: UTF8.self)
      let mark = "# yaml-language-server: $schema="
      let line = try #require(text.split(separator: "\n").first, "\(name)")
      #expect(line.hasPrefix(mark), "\(name)")
      #expect(FileSystem.exists("\(place)/\(line.dropFirst(mark.count))"), "\(name)")
    }
  }

  @Test func theOldWordOfBridgeIsReadAndTold() throws {
    let file = PipelineFile(
      text: """
        version: 1
        stages:
          - fetch
          - normalize: { for: swap }
          - host
          - swap:
              provider: crun
              bridge: [frames, film]
        """, file: "p.yaml", vocabulary: .standard)
    let finding = try #require(file.findings.first)
    #expect(file.findings.count == 1 && finding.severity == .warning)
    #expect(finding.message == "'film' is called 'video' now." && finding.place?.line == 8)
    let pipeline = try #require(file.pipeline)
    let swap = try #require(pipeline.stages.last)
    #expect(swap.parameters["bridge"] == ["frames", "video"])
  }

  @Test func theOldKeyOfHostIsReadAndTold() throws {
    for key in ["on", "true"] {
      let file = PipelineFile(
        text: "version: 1\nstages:\n  - fetch\n  - host: { \(key): upload }\n", file: "p.yaml",
        vocabulary: .standard)
      let finding = try #require(file.findings.first)
      #expect(file.findings.count == 1 && finding.severity == .warning)
      #expect(finding.message == "'\(key)' is called 'to' now.")
      #expect(finding.place?.line == 4)
      #expect(try #require(file.pipeline).usedHosts == ["upload"])
    }
    let both = PipelineFile(
      text: "version: 1\nstages:\n  - fetch\n  - host: { to: upload, on: upload }\n",
      file: "p.yaml", vocabulary: .standard)
    #expect(both.pipeline == nil)
  }
}
