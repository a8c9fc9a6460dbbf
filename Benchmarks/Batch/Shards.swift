import Core
import Files
import Ledgers
import Pipelines
import Processing
import Runs

/// One worker of several: runs shards of a list, one after the other, through a ledger that all share.
///   BatchBenchmark --shards LIST FOLDER LEDGER COUNT NUMBER…
func runShards(_ words: [String]) async throws {
  guard words.count > 4, let count = Int(words[3]) else {
    throw SwaplineError(.usage, "LIST FOLDER LEDGER COUNT NUMBER… are expected.")
  }
  let pipeline = Pipeline("instant") {
    InstantFetch()
    InstantSwap()
  }
  for number in words[4...].compactMap({ Int($0) }) {
    guard let shard = Shard(number, of: count) else { continue }
    let run = try RunFolder("\(words[1])/\(shard.name)")
    for (number, picture) in pictures.enumerated() where !FileSystem.exists(run.file(picture)) {
      try FileSystem.write(Array("tiny\(number)".utf8), to: run.file(picture))
    }
    let runner = try Runner(
      pipeline, in: run, media: NoMedia(), resources: Resources(), concurrency: 64,
      budget: Budget(run: 1_000_000_000), ledger: words[2], name: "bench")
    var done = 0
    try await runner.run(entries: try ItemsFile(words[0], shard: shard)) { outcome in
      if case .finished = outcome { done += 1 }
    }
    print(done)
  }
}
