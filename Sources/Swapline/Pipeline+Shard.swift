import Core
import Pipelines

extension Pipeline {
  /// The digest of what a shard is asked to do; `items` says which items the whole list has. The budget is no
  /// part of it: what is done is done.
  package func asked(of shard: Shard, in run: String, items: String) throws -> Digest {
    var plan = Plan(self)
    plan.budget = nil
    return Digest(of: [run, shard.text, try JSONText.line(plan), items].joined(separator: "\n"))
  }
}
