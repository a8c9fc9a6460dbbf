import Core

/// The names of the files that a line of stages makes, known before there is any: the stages are asked
/// for what they would make of a still, a GIF and a video.
struct OutputNames {
  private struct Trial {
    var kind: MediaKind
    var format: MediaFormat
    /// The stage that makes each name.
    var made: [String: String] = [:]
    /// What each file can be.
    var bounds: [String: FileRule.Bounds] = [:]
  }

  private var trials = [
    Trial(kind: .image, format: .png), Trial(kind: .image, format: .jpg),
    Trial(kind: .animation, format: .gif), Trial(kind: .video, format: .mp4),
  ]

  /// Takes in what `stage` makes, of the scene or of the result; gives the name that an earlier one
  /// makes too, whatever the scene is, and that stage.
  mutating func add(_ stage: AnyStage, isSwapped: Bool) -> (name: String, stage: String)? {
    guard let orders = stage.orders else { return nil }
    var clashes: [(name: String, stage: String)?] = []
    for index in trials.indices {
      let trial = trials[index]
      let main = Media(
        kind: trial.kind, format: trial.format, width: 1_000, height: 1_000, size: 1_000,
        digest: Digest(of: "main"))
      var asset = Asset(item: Item(id: "item", scene: "scene"))
      asset.media[.scene] = main
      if isSwapped { asset.media[.result] = main }
      guard let made = try? orders(asset, main) else { continue }
      var clash: (name: String, stage: String)?
      for order in made where order.fault == nil {
        if let other = trials[index].made[order.file] { clash = clash ?? (order.file, other) }
        trials[index].made[order.file] = stage.name
        if let request = order.request {
          trials[index].bounds[order.file] = FileRule.Bounds(
            width: request.width, height: request.height, formats: [request.format])
        }
      }
      clashes.append(clash)
    }
    return clashes.allSatisfy { $0 != nil } ? clashes.first ?? nil : nil
  }

  /// Whether some stage makes the file that `name` means: its whole name, or the one given to it.
  func holds(_ name: String) -> Bool {
    trials.contains { trial in trial.made.keys.contains { $0 == name || Self.given($0) == name } }
  }

  /// What the file that `name` means can be, of each kind of scene of which it is made.
  func bounds(of name: String) -> [FileRule.Bounds] {
    trials.compactMap { trial in
      trial.bounds.first { $0.key == name || Self.given($0.key) == name }?.value
    }
  }

  /// The names that stages were given, or else the files' own.
  var known: [String] {
    Set(trials.flatMap(\.made.keys).map { Self.given($0) ?? $0 }).sorted()
  }

  /// `square` of `scene-square.jpg`.
  private static func given(_ file: String) -> String? {
    guard let dash = file.firstIndex(of: "-"), let dot = file.lastIndex(of: "."), dash < dot else {
      return nil
    }
    return String(file[file.index(after: dash)..<dot])
  }
}
