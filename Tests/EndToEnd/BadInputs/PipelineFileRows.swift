extension BadInputSection {
  static let pipelineFiles = BadInputSection(
    "Pipeline files",
    [
      .check("YAML: empty", ""),
      .check("YAML: a comment only", "# nothing\n"),
      .check("YAML: tab for indentation", "version: 1\nstages:\n\t- fetch\n"),
      .check("YAML: brace never closed", "version: 1\nstages:\n  - fetch: { timeout: 2m\n"),
      .check("YAML: quote never closed", "version: 1\nname: \"a\nstages: [fetch]\n"),
      .check("YAML: a key twice", "version: 1\nversion: 1\nstages: [fetch]\n"),
      .check(
        "YAML: a parameter twice",
        "version: 1\nstages:\n  - fetch: { timeout: 2m, timeout: 3m }\n"),
      .check("YAML: unknown key", "version: 1\nstagess:\n  - fetch\n"),
      .check("YAML: unknown stage", "version: 1\nstages:\n  - fetsh\n"),
      .check("YAML: unknown parameter", "version: 1\nstages:\n  - fetch: { timeuot: 2m }\n"),
      .check("YAML: unknown provider", "version: 1\nproviders:\n  crum: {}\nstages: [fetch]\n"),
      .check(
        "YAML: an engine's setting that there is none of",
        "version: 1\nproviders:\n  crun: { at: embedded, engine: { weights: a.onnx } }\nstages: [fetch]\n"
      ),
      .check(
        "YAML: an engine's range that there is none of",
        "version: 1\nproviders:\n  crun: { at: embedded, engine: { embedder: a.onnx, range: wide } }\n"
          + "stages: [fetch]\n"),
      .check("YAML: unknown version", "version: 2\nstages: [fetch]\n"),
      .check("YAML: no version", "stages: [fetch]\n"),
      .check("YAML: stages are a text", "version: 1\nstages: fetch\n"),
      .check("YAML: no stage", "version: 1\nstages: []\n"),
      .check("YAML: wrong order", "version: 1\nstages: [fetch, swap]\n"),
      .check(
        "YAML: wrong unit", "version: 1\nstages:\n  - fetch: { maximum_size: 5 parsecs }\n"),
      .check("YAML: number out of range", "version: 1\nstages:\n  - fetch: { retries: -1 }\n"),
      .check(
        "YAML: number past 64 bits",
        "version: 1\nstages:\n  - fetch: { maximum_size: 99999999999999999999MB }\n"),
      .check(
        "YAML: time past 64 bits",
        "version: 1\nstages:\n  - fetch: { timeout: 9999999999999999h }\n"),
      .check(
        "YAML: a list of sides with a text",
        "version: 1\nstages:\n  - fetch\n  - thumbnails: { sides: [a, 0, 99999999] }\n"),
      .check("YAML: two documents", "version: 1\nstages: [fetch]\n---\nversion: 1\n"),
      .check("YAML: alias to nothing", "version: 1\nstages: *x\n"),
      .check(
        "YAML: not UTF-8",
        .bytes(Array("version: 1\nname: ".utf8) + [0xFF, 0xFE] + Array("\nstages: [fetch]\n".utf8))),
      .check(
        "YAML: bytes of a picture",
        .bytes([0x89] + Array("PNG\r\n\u{1A}\n\u{0}\u{0}\u{1}".utf8))),
      .check("YAML: NUL in a text", "version: 1\nname: \"a\\0b\"\nstages: [fetch]\n"),
      .check("YAML: line break in the name", "version: 1\nname: \"a\\nb\"\nstages: [fetch]\n"),
      .check(
        "YAML: byte order mark (works)", "\u{FEFF}version: 1\nstages: [fetch]\n", code: 0),
      .check(
        "YAML: Windows line ends (works)", "version: 1\r\nstages:\r\n  - fetch\r\n", code: 0),
      .check("YAML: UTF-16", .bytes([0xFF, 0xFE] + Array("v\u{0}e\u{0}r\u{0}".utf8))),
      .check("YAML: a JSON pipeline (works)", "{\"version\": 1, \"stages\": [\"fetch\"]}", code: 0),
      .check(
        "YAML: 5,000 brackets deep",
        "version: 1\nstages: " + String(repeating: "[", count: 5_000)),
      .check("YAML: alias bomb", bomb),
      .check(
        "YAML: 2 MB",
        "# " + String(repeating: "x", count: 2_000_000) + "\nversion: 1\nstages: [fetch]\n", code: 2
      ),
      .check(
        "YAML: 20,000 stages",
        "version: 1\nstages:\n" + String(repeating: "  - fetch\n", count: 20_000)),
      .command("pipeline file: missing", 2, "run", "nowhere.yaml", "-s", "photo.jpg"),
      .command("pipeline file: a folder", 2, "run", "folder", "-s", "photo.jpg")
        .file("folder", .folder),
      .command("pipeline file: /dev/zero", 2, "check", "/dev/zero"),
    ])

  /// Ten to the twelfth values in a few lines.
  private static var bomb: String {
    var lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for number in 1..<12 {
      let aliases = Array(repeating: "*a\(number - 1)", count: 10).joined(separator: ", ")
      lines.append("a\(number): &a\(number) [\(aliases)]")
    }
    return lines.joined(separator: "\n") + "\nversion: 1\nstages: [fetch]\n"
  }
}

extension BadInput {
  fileprivate static func check(_ label: String, _ text: String, code: Int32 = 3) -> BadInput {
    check(label, .bytes(Array(text.utf8)), code: code)
  }

  fileprivate static func check(
    _ label: String, _ content: FileContent, code: Int32 = 3
  ) -> BadInput {
    .command(label, code, "check", "bad.yaml").file("bad.yaml", content).allowing(.manyErrors)
  }
}
