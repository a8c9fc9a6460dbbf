import Core
import Files
import Ledgers
import Pipelines
import Processing

/// `report.html` in a run's folder: one page for people, to review every item's pictures, facts, changes,
/// cost and findings. It needs nothing but itself and the files beside it.
package struct RunPage: Sendable {
  /// The file's name.
  package static let name = RunFolder.page

  private let folder: RunFolder
  private let pictures: ReportPictures
  /// The folders whose items the page shows.
  private let parts: [(folder: RunFolder, pictures: ReportPictures)]

  /// The page of a run's folder.
  package init(_ folder: RunFolder) {
    self.init(folder, pictures: ReportPictures(of: folder))
  }

  /// The page of a run's folder, where `pictures` says.
  package init(_ folder: RunFolder, pictures: ReportPictures) {
    self.folder = folder
    self.pictures = pictures
    parts = [(folder, pictures)]
  }

  /// One page of several shards, in the folder above theirs. Nil without a shard.
  init?(merging shards: [RunFolder]) {
    guard let first = shards.first else { return nil }
    folder = first
    pictures = ReportPictures(ofShard: first)
    parts = shards.map { ($0, ReportPictures(ofShard: $0)) }
  }

  /// Writes the page from what lies in the folder: `asset.json` of each item, and `failed.jsonl`. One
  /// item is in memory at a time, and of the others their names.
  ///
  /// `title` is the pipeline's name, `sums` a sentence of what the run came to. `shows` says which items are on
  /// the page, and is asked about each.
  package func write(
    title: String, sums: String, shows: (_ id: String, _ item: JSONValue) -> Bool = { _, _ in true }
  ) throws {
    let parts = try Self.template.split(at: "/*DATA*/")
    let temporary = folder.temporaryFile("report")
    let page = try AppendedFile(temporary)
    try page.append(parts.before)
    try page.append("{\"name\":\(try quoted(title)),\"sums\":\(try quoted(sums)),\"items\":[\n")
    var isFirst = true
    try forEachItem { part, id, asset, failure in
      let ended = FileSystem.stamp(of: Self.facts(part.folder, id)).map {
        Double($0.modified) / 1e9
      }
      let item = ReportItem(
        id, asset, failure: failure, ended: failure == nil ? ended : nil, pictures: part.pictures)
      guard shows(id, item.json) else { return }
      try page.append((isFirst ? "" : ",\n") + safe(try JSONText.line(item.json)))
      isFirst = false
    }
    try page.append("\n]}" + parts.after)
    try page.finish(as: "\(pictures.page)/\(Self.name)")
  }

  /// Makes the small pictures that are missing, so many items at once, and gives how many were made; `progress`
  /// is told how many items were looked at.
  package func makePictures(
    with media: some MediaService, concurrency: Int,
    progress: @escaping @Sendable (Int) -> Void
  ) async throws -> Int {
    var items = try ItemCursor(folder)
    var made = 0
    var seen = 0
    let pictures = pictures
    try await withThrowingTaskGroup(of: Int.self) { tasks in
      var running = 0
      while let (id, asset, failure) = items.next() {
        if running == concurrency {
          made += try await tasks.next() ?? 0
          running -= 1
        }
        tasks.addTask { try await pictures.make(id, asset, failure, with: media) }
        running += 1
        seen += 1
        progress(seen)
      }
      for try await count in tasks { made += count }
    }
    return made
  }

  private func forEachItem(
    _ body: (
      (folder: RunFolder, pictures: ReportPictures), String, JSONValue, JSONValue?
    ) throws -> Void
  ) throws {
    for part in parts {
      var items = try ItemCursor(part.folder)
      while let (id, asset, failure) = items.next() { try body(part, id, asset, failure) }
    }
  }

  fileprivate static func facts(_ folder: RunFolder, _ id: String) -> String {
    "\(folder.path)/\(id)/asset.json"
  }

  /// The page with its style and script in it, and with a mark where the data goes.
  private static var template: String {
    get throws {
      var text = String(decoding: PackageResources.report_html, as: UTF8.self)
      for (mark, part) in [
        ("/*STYLE*/", PackageResources.report_css), ("/*SCRIPT*/", PackageResources.report_js),
      ] {
        let around = try text.split(at: mark)
        text = around.before + String(decoding: part, as: UTF8.self) + around.after
      }
      return text
    }
  }

  private func quoted(_ text: String) throws -> String {
    safe(try JSONText.line(JSONValue.string(text)))
  }

  /// Nothing in the data may look like markup to a browser.
  private func safe(_ json: String) -> String {
    json.replacing("<", with: "\\u003c").replacing("\u{2028}", with: "\\u2028")
      .replacing("\u{2029}", with: "\\u2029")
  }
}

extension String {
  /// What stands before and after a mark.
  fileprivate func split(at mark: String) throws -> (before: String, after: String) {
    guard let place = firstRange(of: mark) else {
      throw SwaplineError(.internal, "The report's template has no place for \(mark).")
    }
    return (String(self[..<place.lowerBound]), String(self[place.upperBound...]))
  }
}

/// The items of a run's folder, one at a time: those with an `asset.json`, then those that only failed.
private struct ItemCursor {
  private let folder: RunFolder
  private let failed: FailureIndex
  private var names: ArraySlice<String>
  private var left: FailureIndex.Cursor?

  init(_ folder: RunFolder) throws(SwaplineError) {
    self.folder = folder
    failed = try FailureIndex("\(folder.path)/\(FailureList.name)")
    names = FileSystem.names(in: folder.path)[...]
  }

  mutating func next() -> (id: String, asset: JSONValue, failure: JSONValue?)? {
    while let id = names.popFirst() {
      guard !id.hasPrefix("."), let bytes = try? FileSystem.read(RunPage.facts(folder, id)),
        let json = try? JSONValue(parsing: bytes)
      else { continue }
      return (id, json, failed.take(id))
    }
    if left == nil { left = failed.left }
    guard let (id, row) = left?.next() else { return nil }
    return (id, .null, row)
  }
}
