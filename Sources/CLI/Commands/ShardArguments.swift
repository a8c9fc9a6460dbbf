import Core
import Ledgers
import Pipelines

/// What `--shard` and `--run` say.
struct ShardArguments {
  static let options: [Option] = [
    .value(
      "shard", of: "K/N",
      "Run only the items of shard K, from 1 to N, in a folder of its own below --out; exit code 75 means: again later."
    ),
    .value(
      "run", of: "NAME",
      "Name of the run, the same for all its shards: --max-cost then limits all of them together."),
  ]

  /// The shard that is run; nil for everything.
  let shard: Shard?
  /// The run's name; nil for one that it is given.
  let run: String?

  /// What a command line says. Throws what makes no sense.
  init(_ arguments: Arguments) throws(SwaplineError) {
    shard = try arguments.last("shard").map { text throws(SwaplineError) in
      try Shard(parsing: text)
    }
    run = arguments.last("run")
    if let run, run != Item.safeName(run) || run.utf8.count > 64 {
      throw SwaplineError(
        .usage,
        "The run is called '\(run)', and a name has up to 64 letters, digits, '.', '_' and '-'.",
        hint: "Write for example --run spring-2027.")
    }
    guard shard == nil || run != nil else {
      throw SwaplineError(
        .usage, "--shard is given without --run.",
        hint: "Add --run NAME, the same for all shards.")
    }
  }

  /// Throws where a budget would not hold: each shard would spend all of it.
  func check(_ budget: Budget, ledger: String?) throws(SwaplineError) {
    guard let shard, shard.count > 1, budget.isLimited, ledger == nil else { return }
    throw SwaplineError(
      .usage,
      "There is a budget, and each shard has a ledger of its own, so each could spend all of it.",
      hint: "Name one that all shards share: --ledger postgres://user@host/database.")
  }
}
