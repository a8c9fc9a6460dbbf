import Swapline
import Testing

/// The lines to copy of docs/hosts.md are lines that work.
@Suite struct HostDocsTests {
  static let blocks: [String] = {
    let path = SchemaTests.root + "/docs/hosts.md"
    let text = (try? FileSystem.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(separator: "```yaml\n").dropFirst().map { part in
      part.firstRange(of: "```").map { String(part[..<$0.lowerBound]) } ?? ""
    }
  }()

  @Test func everyBlockIsAGoodPipeline() {
    #expect(Self.blocks.count >= 6)
    for block in Self.blocks {
      let text =
        "version: 1\n" + block + (block.contains("stages:") ? "" : "stages: [fetch]\n")
      let file = PipelineFile(text: text, file: "hosts.md", vocabulary: .standard)
      #expect(file.pipeline != nil, "\(file.findings)\n\(text)")
    }
  }

  @Test func everyKindStandsThere() throws {
    let text = String(
      decoding: try FileSystem.read(SchemaTests.root + "/docs/hosts.md"), as: UTF8.self)
    for kind in Vocabulary.standard.hosts where !text.contains("`\(kind.name)`") {
      Issue.record(
        "docs/hosts.md says nothing of the host `\(kind.name)`: add it to the table there")
    }
  }
}
