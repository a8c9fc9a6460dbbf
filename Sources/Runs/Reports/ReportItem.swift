import Core
import Files
import Pipelines

/// One item as the page has it.
struct ReportItem {
  let json: JSONValue

  /// An item from its `asset.json`, where it failed its row among the failures, and when its last stage ended, in
  /// seconds since 1970.
  init(
    _ id: String, _ asset: JSONValue, failure: JSONValue?, ended: Double?,
    pictures: ReportPictures
  ) {
    let findings = asset["findings"]?.array ?? []
    let renditions = asset["renditions"]?.array ?? []
    let stages = asset["stages"]?.array ?? []
    let (source, fields) = Self.source(id, asset, failure)
    let rejected = findings.contains { $0["severity"] == "error" }
    var item: [String: JSONValue] = [
      "id": .string(id), "source": .object(source),
      "state": failure != nil ? "failed" : rejected ? "rejected" : "done",
      "renditions": .array(
        renditions.enumerated().map { number, file in
          Self.file(id, "rendition-\(number)", file, pictures)
        }),
      "findings": .array(
        findings.map { finding in
          let text =
            "\(finding["file"]?.string ?? ""): \(finding["found"]?.string ?? ""), expected "
            + "\(finding["wanted"]?.string ?? "")"
          return ["rule": finding["rule"] ?? "", "text": .string(text)]
        }),
      "changes": .array((asset["history"]?.array ?? []).compactMap(Self.change)),
      "shops": .array(Self.shops(renditions).map { .string($0) }),
      "stages": .array(
        stages.compactMap { stage in
          guard let name = stage["stage"]?.string, let seconds = stage["seconds"]?.double else {
            return nil
          }
          return [.string(name), .double((seconds * 1_000).rounded() / 1_000)]
        }),
      "seconds": .double(stages.reduce(0) { $0 + ($1["seconds"]?.double ?? 0) }),
    ]
    if !fields.isEmpty {
      item["fields"] = .array(
        fields.sorted { $0.key < $1.key }.map { .string("\($0.key): \($0.value.string ?? "")") })
    }
    for role in ["scene", "face", "result"] {
      if let file = asset[role], file != .null {
        item[role] = Self.file(id, role, file, pictures)
      } else if pictures.sources(id, asset, failure).contains(where: { $0.name == role }) {
        item[role] = Self.input(id, role, failure, pictures)
      }
    }
    if let swap = asset["swap"], swap != .null {
      for (key, name) in [
        ("provider", "provider"), ("model", "model"), ("credits", "credits"), ("calls", "calls"),
        ("reused", "isReused"),
      ] { item[key] = swap[name] }
    }
    item["error"] = failure?["error"]
    item["remedy"] = failure?["error.hint"]
    item["step"] = failure?["error.stage"]
    item["ended"] = ended.map { .double($0) }
    json = .object(item)
  }

  /// The row with which `--items` takes the item again, and what of it is for people.
  private static func source(
    _ id: String, _ asset: JSONValue, _ failure: JSONValue?
  ) -> (row: [String: JSONValue], fields: [String: JSONValue]) {
    var source: [String: JSONValue] = ["id": .string(id)]
    for key in ["scene", "face", "items", "line", "digest"] {
      source[key] = failure?[key] ?? asset["source"]?[key]
    }
    // A list that is made of these lies elsewhere than the one that they came from.
    for key in ["scene", "face"] {
      guard let path = source[key]?.string, LocalReference.path(path) == path else { continue }
      source[key] = .string(FileSystem.absolute(path))
    }
    var fields: [String: JSONValue] = [:]
    if case .object(let known)? = asset["fields"] { fields = known }
    if case .object(let row)? = failure {
      for (key, value) in row
      where key != "error" && !key.hasPrefix("error.") && source[key] == nil {
        if key.contains(".") { source[key] = value } else { fields[key] = value }
      }
    }
    source.merge(fields) { own, _ in own }
    return (source, fields)
  }

  private static func file(
    _ id: String, _ name: String, _ facts: JSONValue, _ pictures: ReportPictures
  ) -> JSONValue {
    var file: [String: JSONValue] = [:]
    for key in ["file", "width", "height", "format", "size", "frames", "duration"] {
      if let value = facts[key], value != .null { file[key] = value }
    }
    if let path = facts["file"]?.string, !pictures.isBundle {
      file["address"] = .string("\(pictures.way)\(id)/\(path)")
    }
    file["small"] = pictures.small(id, name).map { .string($0) }
    file["large"] = pictures.large(id, name).map { .string($0) }
    return .object(file)
  }

  // An input that no stage has measured.
  private static func input(
    _ id: String, _ role: String, _ failure: JSONValue?, _ pictures: ReportPictures
  ) -> JSONValue {
    var file: [String: JSONValue] = [:]
    if let path = failure?[role]?.string.flatMap({ LocalReference.path($0) }) {
      file["file"] = .string(String(path.split(separator: "/").last ?? ""))
      if !pictures.isBundle { file["address"] = .string(path) }
    }
    file["small"] = pictures.small(id, role).map { .string($0) }
    file["large"] = pictures.large(id, role).map { .string($0) }
    return .object(file)
  }

  private static func change(_ change: JSONValue) -> JSONValue? {
    guard let kind = change["kind"]?.string, kind != "face" else { return nil }
    let place = [change["stage"]?.string, change["role"]?.string].compactMap(\.self)
    let reason = change["reason"]?.string.map { " (\($0))" } ?? ""
    return .string(
      "\(place.joined(separator: " ")) \(kind): \(change["from"]?.string ?? "") → "
        + "\(change["to"]?.string ?? "")\(reason)")
  }

  /// The names behind the main file's: `result-amazon.jpg` is Amazon's.
  private static func shops(_ renditions: [JSONValue]) -> [String] {
    renditions.compactMap { file in
      guard file["stage"] == "resize", let name = file["file"]?.string,
        let dash = name.firstIndex(of: "-"), let dot = name.lastIndex(of: "."), dash < dot
      else { return nil }
      return String(name[name.index(after: dash)..<dot])
    }
  }
}
