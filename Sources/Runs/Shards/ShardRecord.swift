import Core
import Files
import FoundationEssentials
import Ledgers
import Pipelines

/// `done.json`: written last into a shard's folder, when every item of the shard has been done or has failed.
/// Whoever runs the same shard again learns from it that nothing is left to do.
public struct ShardRecord: Sendable, Codable {
  /// The file's name.
  public static let name = RunFolder.done

  /// The version of this shape.
  public var version = 1
  /// The version of the program that wrote it.
  public var swapline: String
  /// The name of the run, the same for all its shards.
  public var run: String
  /// Which shard it is, such as `42/1000`.
  public var shard: String
  /// How many items are done.
  public var done: Int
  /// How many of those an earlier attempt had done.
  public var reused: Int
  /// How many failed; `failed.jsonl` names them.
  public var failed: Int
  /// What the shard was charged, all attempts together, as the ledger has it.
  public var charged: Charge
  /// Seconds of wall-clock time of the attempt that ended it.
  public var seconds: Double
  /// When it ended, in ISO 8601.
  public var ended: String
  /// The digest of what was asked for: pipeline, items, shard and run. Another one is run, whatever is done.
  public var asked: Digest?

  /// The record of a shard that has ended now.
  public init(
    _ shard: Shard, of run: String, version: String, _ tally: RunTally, seconds: Double,
    asked: Digest?
  ) {
    (swapline, self.run, self.shard, self.asked) = (version, run, shard.text, asked)
    (done, reused, failed, charged) = (tally.done, tally.reused, tally.failed, tally.charged)
    self.seconds = seconds
    ended = Date.now.formatted(.iso8601)
  }

  /// The record in a shard's folder; nil where there is none that this version can read.
  public init?(in folder: String) {
    guard let bytes = try? FileSystem.read("\(folder)/\(Self.name)"),
      let record = try? JSONText.decode(ShardRecord.self, from: bytes), record.version == 1
    else { return nil }
    self = record
  }

  /// Writes the record, and returns when it is on the disk.
  public func write(in folder: RunFolder) throws {
    try FileSystem.write(
      Array(try JSONText.pretty(self).utf8), to: "\(folder.path)/\(Self.name)",
      via: folder.temporaryFile("document"))
  }

  /// Removes the record of a shard that is about to be run again.
  public static func remove(from folder: RunFolder) {
    FileSystem.remove("\(folder.path)/\(name)")
  }
}
