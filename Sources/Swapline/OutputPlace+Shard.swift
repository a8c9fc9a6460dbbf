import Files
import Pipelines

extension OutputPlace {
  /// The place that `text` names, as a shard sees it: its folder lies below the run's and has the shard's
  /// name, so that no two shards write one file. What goes elsewhere goes to the same place, since no two
  /// shards have the same item.
  package init(_ text: String, shard: Shard?) {
    let place = OutputPlace(text)
    guard let shard else {
      self = place
      return
    }
    self.init(folder: "\(place.folder)/\(shard.name)", remote: place.remote)
  }
}
