import Core
import Foundation
import TestSupport
import Testing

@testable import CLI

/// Commands that the documentation shows are commands that there are.
@Suite struct DocumentedCommandsTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// README, and every page of docs, by its path.
  static let pages: [String] = {
    let docs = root.appending(path: "docs").path
    let found = (try? FileManager.default.subpathsOfDirectory(atPath: docs)) ?? []
    return ["README.md"] + found.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }.sorted()
  }()

  /// Lines of shell blocks that call the command.
  static func commands(in text: String) -> [String] {
    var found: [String] = []
    var isShell = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isShell = !isShell && (line.hasPrefix("```sh") || line == "```bash")
        continue
      }
      if isShell, line.hasPrefix("swapline ") { found.append(String(line)) }
    }
    return found
  }

  /// The words of a line up to a pipe, a redirection or a comment, quotes taken off.
  static func words(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + [character] }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == " " {
        if let done = word { words.append(done) }
        word = nil
      } else if "|>#&".contains(character), word == nil {
        return words
      } else {
        word = (word ?? "") + [character]
      }
    }
    return words + (word.map { [$0] } ?? [])
  }

  @Test(arguments: pages)
  func everyCommandIsRead(page: String) throws {
    let text = try String(contentsOf: Self.root.appending(path: page), encoding: .utf8)
    for line in Self.commands(in: text) {
      let words = Self.words(line).dropFirst()
      guard let name = words.first, !name.hasPrefix("-") else { continue }
      guard let command = CommandLineInterface.command(named: name) else {
        Issue.record("\(page): there is no command in '\(line)'")
        continue
      }
      do {
        let read = try Arguments(words.dropFirst(), of: command.facts)
        // A former name works, and is not what the documentation teaches.
        #expect(read.notes.isEmpty, "\(page): \(line)")
      } catch {
        Issue.record("\(page): '\(line)': \(error.message)")
      }
    }
  }

  @Test func examplesOfTheHelpAreReadToo() throws {
    for command in CommandLineInterface.commands {
      for line in command.facts.examples {
        let words = Self.words(line)
        guard words.first == "swapline", words.count > 1 else { continue }
        let named = try #require(CommandLineInterface.command(named: words[1]), "\(line)")
        _ = try Arguments(words.dropFirst(2), of: named.facts)
      }
    }
  }

  @Test func wordsAreReadAsAShellReadsThem() {
    #expect(
      Self.words("swapline run 'a b' --name '{x}' | head # no") == [
        "swapline", "run", "a b", "--name", "{x}",
      ])
    #expect(
      Self.commands(in: "```sh\nswapline a\nls\n```\nswapline b\n```yaml\nswapline c\n```\n") == [
        "swapline a"
      ])
  }
}
