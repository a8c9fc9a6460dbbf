import Testing

/// What the built command says to bad inputs and in bad situations is what docs/bad-inputs.md says.
/// `SWAPLINE_GOLDEN=write swift test --filter BadInputs` writes the page anew.
@Suite struct BadInputsTests {
  /// The sections of the page, in its order.
  static let sections: [BadInputSection] = [
    .files, .addresses, .faces, .items, .pipelineFiles, .commandLine, .providers, .disks,
    .processes, .streams,
  ]

  @Test(arguments: sections) func isToldAsThePageSays(section: BadInputSection) async throws {
    let page = try GoldenPage()
    let outcomes = try await section.outcomes()
    for outcome in outcomes {
      guard let entry = outcome.entry else {
        print("Skipped: \(section.title), \(outcome.label): \(outcome.remarks.joined())")
        continue
      }
      for remark in outcome.remarks {
        Issue.record("\(outcome.label): \(remark)\n\(outcome.messages)")
      }
      let expected = page.entry(outcome.label, in: section.title)
      if expected != entry, !GoldenPage.isWritten {
        Issue.record(
          """
          \(section.title), \(outcome.label)
            expected: \(expected.map { "\($0.told) (\($0.code))" } ?? "no such row")
            got:      \(entry.told) (\(entry.code))
          """)
      }
    }
    if GoldenPage.isWritten {
      let entries = outcomes.compactMap { $0.entry ?? page.entry($0.label, in: section.title) }
      try GoldenPage.write(
        GoldenPage.Table(title: section.title, entries: entries), of: Self.sections.map(\.title))
    }
  }

  /// In the same order too: the page is read from top to bottom.
  @Test(.enabled(if: !GoldenPage.isWritten, "The page is being written."))
  func thePageHasEveryRowAndNoOther() throws {
    let page = try GoldenPage()
    #expect(page.tables.map(\.title) == Self.sections.map(\.title))
    for (table, section) in zip(page.tables, Self.sections) {
      let labels = section.rows.map(\.label)
      #expect(table.entries.map(\.label) == labels)
      #expect(Set(labels).count == labels.count, "\(section.title) has a label twice")
    }
  }
}
