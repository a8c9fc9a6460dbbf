import Core
import Files
import Pipelines

/// `report.html` in a run's folder: one page for people, with every item's pictures, facts, changes,
/// cost and findings. It needs nothing but itself and the files beside it.
package struct RunPage: Sendable {
  /// The file's name.
  package static let name = RunFolder.page

  private let folder: RunFolder

  /// The page of a run's folder.
  package init(_ folder: RunFolder) {
    self.folder = folder
  }

  /// Writes the page from what lies in the folder: `asset.json` of each item, and `failed.jsonl`. One
  /// item is in memory at a time, and of the others their names.
  ///
  /// `title` is the pipeline's name, `sums` a sentence of what the run came to.
  package func write(title: String, sums: String) throws {
    let template = String(decoding: PackageResources.report_html, as: UTF8.self)
    guard let mark = template.firstRange(of: "/*DATA*/") else {
      throw SwaplineError(.internal, "The report's template holds no place for its data.")
    }
    let temporary = folder.temporaryFile("report")
    let page = try AppendedFile(temporary)
    try page.append(String(template[..<mark.lowerBound]))
    try page.append("{\"name\":\(try quoted(title)),\"sums\":\(try quoted(sums)),\"items\":[\n")
    var isFirst = true
    func add(_ item: JSONValue) throws {
      try page.append((isFirst ? "" : ",\n") + safe(try JSONText.line(item)))
      isFirst = false
    }
    let failed = try FailureIndex("\(folder.path)/\(FailureList.name)")
    for id in FileSystem.names(in: folder.path) where !id.hasPrefix(".") {
      let path = "\(folder.path)/\(id)/asset.json"
      guard let bytes = try? FileSystem.read(path), let json = try? JSONValue(parsing: bytes) else {
        continue
      }
      try add(ReportItem(id, json, failure: failed.take(id)).json)
    }
    try failed.forEachLeft { id, failure in
      try add(ReportItem(id, .null, failure: failure).json)
    }
    try page.append("\n]}" + String(template[mark.upperBound...]))
    try page.finish(as: "\(folder.path)/\(Self.name)")
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

/// One item as the page has it.
struct ReportItem {
  let json: JSONValue

  /// An item from its `asset.json` and, where it failed, from its row among the failures.
  init(_ id: String, _ asset: JSONValue, failure: JSONValue?) {
    let findings = asset["findings"]?.array ?? []
    let renditions = asset["renditions"]?.array ?? []
    let stages = asset["stages"]?.array ?? []
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
      for (key, value) in row where key != "error" && source[key] == nil {
        if key.contains(".") { source[key] = value } else { fields[key] = value }
      }
    }
    source.merge(fields) { own, _ in own }
    let rejected = findings.contains { $0["severity"] == "error" }
    var item: [String: JSONValue] = [
      "id": .string(id), "source": .object(source),
      "state": failure != nil ? "failed" : rejected ? "rejected" : "done",
      "renditions": .array(renditions),
      "findings": .array(
        findings.map { finding in
          let text =
            "\(finding["file"]?.string ?? ""): \(finding["found"]?.string ?? "") found, "
            + "\(finding["wanted"]?.string ?? "") wanted"
          return ["rule": finding["rule"] ?? "", "text": .string(text)]
        }),
      "changes": .array((asset["history"]?.array ?? []).compactMap(Self.change)),
      "shops": .array(Self.shops(renditions).map { .string($0) }),
      "stages": .array(
        stages.compactMap { stage in
          guard let name = stage["stage"]?.string, let seconds = stage["seconds"]?.double else {
            return nil
          }
          return .string("\(name) \((seconds * 100).rounded() / 100)")
        }),
      "seconds": .double(stages.reduce(0) { $0 + ($1["seconds"]?.double ?? 0) }),
    ]
    if !fields.isEmpty {
      item["fields"] = .array(
        fields.sorted { $0.key < $1.key }.map { .string("\($0.key): \($0.value.string ?? "")") })
    }
    for role in ["scene", "face", "result"] {
      if let file = asset[role], file != .null { item[role] = file }
    }
    if let swap = asset["swap"], swap != .null {
      item["credits"] = swap["credits"]
      item["reused"] = swap["isReused"]
    }
    item["error"] = failure?["error"]
    json = .object(item)
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
