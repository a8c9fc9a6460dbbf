import Core
import Files
import Ledgers
import Pipelines

/// One account of many shards: `run.json`, `failed.jsonl` and `report.html` in the folder that holds theirs. Shards
/// that are not done are left out and named.
package struct ShardMerge: Sendable {
  /// What was merged.
  package struct Outcome: Sendable {
    /// The report, as it stands in `run.json`.
    package var report: RunReport
    /// The shards' counts.
    package var shards: ShardCounts
    /// The names of the runs that the shards belong to: one, where all is well.
    package var runs: [String]
    /// Items that several shards have, with the shards' numbers: the first twenty.
    package var doubles: [String]
    /// How many items the page shows, where it does not show all.
    package var shown: Int?
  }

  /// A page of more items opens in no browser, and shows those that failed or were rejected.
  package static let mostShown = 20_000
  private static let mostDoubles = 20

  private let folder: String
  private let shards: [Shard]
  private let begun: Set<Shard>

  /// The shards in the folder at `path`. Throws where there are none, or those of several divisions.
  package init(_ path: String) throws(SwaplineError) {
    folder = FileSystem.absolute(path)
    let names = FileSystem.names(in: folder)
    begun = Set(
      names.filter { !$0.contains(".") }.compactMap { Shard(name: $0) })
    let counts = Set(begun.map(\.count)).sorted()
    guard let count = counts.first else {
      throw SwaplineError(
        .usage, "\(path) holds no shards.",
        hint: "Name the folder that `run --shard` had as --out.")
    }
    guard counts.count == 1 else {
      throw SwaplineError(
        .usage,
        "\(path) holds shards of \(counts.map { "\($0)" }.joined(separator: " and of ")): which of them "
          + "are one run is not known.",
        hint: "Move those of another division away.", place: path)
    }
    shards = Shard.all(of: count)
  }

  /// The name of the run, from the first shard that is done.
  package var run: String? {
    for shard in shards {
      if let record = ShardRecord(in: path(shard)) { return record.run }
    }
    return nil
  }

  /// Writes the three files. `charged` is what the run was charged, where a ledger of all shards says so.
  /// Throws `SwaplineError`; items are read one at a time, of each eight bytes stay in memory.
  package func merge(charged: Charge?) throws -> Outcome {
    var sums = ShardSums()
    var (missing, unfinished): ([Int], [Int]) = ([], [])
    var done: [RunFolder] = []
    var plan: Plan?
    for shard in shards {
      guard begun.contains(shard) else {
        missing.append(shard.number)
        continue
      }
      guard let record = ShardRecord(in: path(shard)) else {
        unfinished.append(shard.number)
        continue
      }
      done.append(try RunFolder(path(shard)))
      // A shard without items has no report.
      guard record.done + record.failed > 0 else {
        sums.add(record, [])
        continue
      }
      let report = try JSONText.decode(
        ShardReport.self, from: FileSystem.read("\(path(shard))/\(RunFolder.report)"))
      plan = plan ?? report.plan
      sums.add(record, report.failures)
    }
    let counts = ShardCounts(
      count: shards.count, done: done.count, missing: ShardCounts.text(missing),
      unfinished: ShardCounts.text(unfinished))
    guard let plan, let page = RunPage(merging: done) else {
      throw SwaplineError(
        .usage, "None of the \(shards.count) shards in \(folder) is done and has items.",
        hint: "Run them first, and merge again.", place: folder)
    }
    let report = RunReport(plan, merging: sums, charged: charged ?? sums.charged, counts)
    try writeFailures(of: done)
    var heads: [UInt64] = []
    let isLong = sums.done + sums.failed > Self.mostShown
    var shown = 0
    var text = report.sums
    if counts.done < counts.count { text += " \(counts.done) of \(counts.count) shards are done." }
    if isLong { text += " Shown are the items that failed or were rejected." }
    try page.write(title: plan.name, sums: text) { id, item in
      // Rows that could not be read are called after their lines.
      if item["scene"] != nil || item["source"]?["scene"] != nil { heads.append(Self.head(id)) }
      guard !isLong || item["state"] != "done" else { return false }
      shown += 1
      return true
    }
    let file = "\(folder)/\(RunFolder.report)"
    try FileSystem.write(Array(try JSONText.pretty(report).utf8), to: file)
    return Outcome(
      report: report, shards: counts, runs: sums.runs.sorted(), doubles: try doubles(heads, done),
      shown: isLong ? shown : nil)
  }

  private func path(_ shard: Shard) -> String { "\(folder)/\(shard.name)" }

  private func writeFailures(of done: [RunFolder]) throws(SwaplineError) {
    let target = "\(folder)/\(RunFolder.failures)"
    guard let first = done.first else { return }
    let list = try AppendedFile(first.temporaryFile("failures"))
    for shard in done { try list.append(linesOf: "\(shard.path)/\(RunFolder.failures)") }
    if list.isEmpty { FileSystem.remove(target) } else { try list.finish(as: target) }
  }

  private static func head(_ id: String) -> UInt64 {
    var name = id
    return name.withUTF8 { Digest.head(of: UnsafeRawBufferPointer($0)) }
  }

  /// The items whose names stand more than once behind these, each with its shards.
  private func doubles(_ heads: [UInt64], _ done: [RunFolder]) throws -> [String] {
    let sorted = heads.sorted()
    let twice = Set(zip(sorted, sorted.dropFirst()).filter { $0 == $1 }.map(\.0))
    guard !twice.isEmpty else { return [] }
    var places: [String: [String]] = [:]
    for shard in done {
      let number = String((shard.path.split(separator: "/").last ?? "").prefix { $0 != "-" })
      var names = Set(FileSystem.names(in: shard.path))
      var rows = try FailureIndex("\(shard.path)/\(RunFolder.failures)").left
      while let (id, _) = rows.next() { names.insert(id) }
      for id in names where twice.contains(Self.head(id)) { places[id, default: []].append(number) }
    }
    return places.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.prefix(Self.mostDoubles)
      .map { "\($0.key) (\($0.value.joined(separator: ", ")))" }
  }
}

/// What is read of a shard's `run.json`.
private struct ShardReport: Decodable {
  var plan: Plan
  var failures: [SwaplineError]
}
