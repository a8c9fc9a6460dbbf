import Core
import Files
import FoundationEssentials
import Glibc
import Ledgers
import Pipelines
import Processing
import Runs

// What the line itself costs: items with an instant provider and no media work, streamed from a file.
//   BatchBenchmark [ITEMS…]     (default 1000 10000 100000)
// As a worker of Benchmarks/shards:
//   BatchBenchmark --shards LIST FOLDER LEDGER COUNT NUMBER…

/// The files of the benchmark: small pictures that are there already, enough of them that none has
/// more names than a file system allows one file.
let pictures = (0..<64).map { number in
  let text = "tiny\(number)"
  return Media(
    kind: .image, format: .png, width: 8, height: 8, size: Int64(text.utf8.count),
    digest: Digest(of: text))
}

/// The picture of an item.
func picture(of item: String) -> Media {
  let number = Int(item.drop { !$0.isNumber }) ?? 0
  return pictures[number / 2_000 % pictures.count]
}

/// Gives every item its files at once.
struct InstantFetch: Stage {
  static let declaration = StageDeclaration<InstantFetch>(
    "fetch", "Names files that are there.", example: "fetch", parameters: [])

  func run(_ input: Requested, in context: StageContext) async throws -> Fetched {
    var asset = input.asset
    let picture = picture(of: asset.id)
    asset.media = [.scene: picture, .face: picture]
    return try Fetched(asset)
  }
}

/// Buys a swap as a provider's client does, from one that answers at once.
struct InstantSwap: Stage {
  static let declaration = StageDeclaration<InstantSwap>(
    "swap", "Writes what a swap writes.", example: "swap", parameters: [])

  func run(_ input: Fetched, in context: StageContext) async throws -> Swapped {
    var asset = input.asset
    let key = Digest(of: asset.id)
    if let entry = try await context.ledger.newest(of: key), entry.state == .succeeded {
      asset.media[.result] = entry.result
      return try Swapped(asset)
    }
    let number = try await context.ledger.intend(
      key, item: asset.id, provider: "instant", model: "m", cost: Ledger.Cost(1))
    try await context.ledger.record(number, .accepted, task: "task-\(number)")
    let picture = picture(of: asset.id)
    try await context.ledger.record(number, .succeeded, credits: 1, result: picture)
    asset.media[.result] = picture
    return try Swapped(asset)
  }
}

struct NoMedia: MediaService {
  func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer {
    throw SwaplineError(.unsupported, "There is no media work here.")
  }
}

func memory(_ field: String) -> Int {
  let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix(field) } ?? ""
  return (Int(line.split(whereSeparator: { !$0.isNumber }).first ?? "0") ?? 0) / 1024
}

func row(_ what: String, _ value: String) {
  print("| \(what)\(String(repeating: " ", count: max(0, 58 - what.count))) | \(value) |")
}

/// The seconds of a run over `count` items in a folder called `name`; the same name runs it again.
func measure(
  _ count: Int, _ folder: String, _ name: String, budget: Budget = Budget()
) async throws -> Double {
  let items = folder + "/items-\(count).jsonl"
  if !FileSystem.exists(items) {
    var text: [UInt8] = []
    for number in 0..<count {
      text += Array(
        "{\"id\":\"item-\(number)\",\"scene\":\"https://example.org/\(number).png\",\"face\":\"https://example.org/f.png\"}\n"
          .utf8)
    }
    try FileSystem.write(text, to: items)
  }
  let run = try RunFolder("\(folder)/\(name)")
  for (number, picture) in pictures.enumerated() where !FileSystem.exists(run.file(picture)) {
    try FileSystem.write(Array("tiny\(number)".utf8), to: run.file(picture))
  }
  let pipeline = Pipeline("instant") {
    InstantFetch()
    InstantSwap()
  }
  let runner = try Runner(
    pipeline, in: run, media: NoMedia(), resources: Resources(), concurrency: 64, budget: budget)
  let start = ContinuousClock.now
  var done = 0
  try await runner.run(entries: try ItemsFile(items)) { outcome in
    if case .finished = outcome { done += 1 }
  }
  guard done == count else { throw SwaplineError(.internal, "\(done) of \(count) were done.") }
  return (ContinuousClock.now - start) / .seconds(1)
}

if CommandLine.arguments.dropFirst().first == "--shards" {
  try await runShards(Array(CommandLine.arguments.dropFirst(2)))
  exit(0)
}
let asked = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let counts = asked.isEmpty ? [1_000, 10_000, 100_000] : asked
let folder = FileManager.default.temporaryDirectory.path + "/swapline-batch-\(UUID())"
try FileSystem.makeFolder(folder)
defer { try? FileManager.default.removeItem(atPath: folder) }
func milliseconds(_ seconds: Double, _ count: Int) -> String {
  "\((seconds / Double(count) * 1_000_000).rounded() / 1_000) ms"
}
for count in counts {
  let first = try await measure(count, folder, "of-\(count)")
  let peak = memory("VmHWM")
  let again = try await measure(count, folder, "of-\(count)")
  row("\(count) items, overhead of one", milliseconds(first, count))
  row("the same, run again", milliseconds(again, count))
  row("peak memory until then", "\(peak) MB")
}

// Sixty-four at once, a price that does not divide the budget, two hundred runs: never over.
var most = 0.0
for number in 0..<200 {
  let ledger = try Ledger(.memory, budget: Budget(run: 100))
  await withTaskGroup(of: Void.self) { group in
    for item in 0..<64 {
      group.addTask {
        let price = [3.0, 7, 0.35][item % 3]
        _ = try? await ledger.intend(
          Digest(of: "\(number) \(item)"), item: "i", provider: "p", model: "m",
          cost: Ledger.Cost(price))
      }
    }
  }
  most = max(most, try await ledger.spending().run)
}
row("budget of 100, 64 at once, 200 runs: most ever promised", "\(most)")

try await measurePace(folder)
