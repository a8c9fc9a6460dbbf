import Foundation
import Testing

/// The check of the house finds what it is there to find.
@Suite struct HouseTests {
  @Test(arguments: [
    ("Sources/Core/Bad.swift", "import Pipelines\n", "only lower floors"),
    ("Sources/Stages/Bad.swift", "import CCurl\n", "wrapper"),
    ("Sources/CLI/Bad.swift", "import Imaging\n", "MediaWork"),
    ("Sources/Core/Bad.swift", "import Foundation\n", "FoundationEssentials"),
    (
      "Sources/Core/Formats/Bad.swift",
      "extension MediaFormat {\n  public static let bad = MediaFormat(\n", "missing from the list"
    ),
    (
      "Sources/Stages/Bad.swift",
      "package struct Bad: Sendable, RenderingStage {\n  static let declaration = StageDeclaration<Bad>(\n",
      "missing from the list"
    ),
    (
      "Sources/Imaging/Bad.swift",
      "extension StillRendition {\n  static func bad(_ rendition: inout StillRendition) throws {}\n",
      "missing from the list"
    ),
    (
      "Sources/Providers/Bad/Bad.swift",
      "extension ProviderDescriptor {\n  static let bad = ProviderDescriptor(\n",
      "missing from the list"
    ),
    (
      "Sources/Providers/Bad/Bad.swift",
      "extension ProviderDescriptor {\n  static let bad: ProviderDescriptor = .init(\n",
      "missing from the list"
    ),
    ("Sources/Providers/Bad/Bad.swift", "struct Bad {}\n", "declares no provider"),
    ("Sources/CLI/Commands/BadCommand.swift", "\n", "missing from the list"),
    (
      "Sources/Hosting/Hosts/Bad.swift",
      "extension HostDescriptor {\n  static let bad = HostDescriptor(\n", "missing from the list"
    ),
    ("Sources/Hosting/Hosts/Bad.swift", "struct Bad {}\n", "declares no host"),
    ("Sources/Swapline/Session.swift", "let a = host as? EmbeddedHost\n", "names one kind"),
    (
      "Sources/Providers/Bad/BadFacade.swift",
      "package final class BadFacade: Sendable, Facade {\n",
      "write 'facade: BadFacade()'"
    ),
  ])
  func aBreakIsFound(path: String, text: String, message: String) async throws {
    let workshop = try Workshop()
    let files = FileManager.default
    try files.copyItem(
      at: Workshop.root.appending(path: "Sources"), to: workshop.folder.appending(path: "Sources"))
    try files.copyItem(
      at: Workshop.root.appending(path: "Scripts"), to: workshop.folder.appending(path: "Scripts"))
    try files.createDirectory(
      at: workshop.folder.appending(path: "docs"), withIntermediateDirectories: true)
    try files.copyItem(
      at: Workshop.root.appending(path: "docs/design.md"),
      to: workshop.folder.appending(path: "docs/design.md"))
    let check = workshop.path("Scripts/lint-house")
    let before = try await execute(check, [workshop.folder.path])
    #expect(before.status == 0, "\(before.messages)")
    let file = workshop.folder.appending(path: path)
    try files.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    let after = try await execute(check, [workshop.folder.path])
    #expect(after.status == 1)
    #expect(after.messages.contains(message), "\(after.messages)")
  }
}
