import Core

/// Hosts of a pipeline file: names of the user's, each with one kind of host and its settings.
extension PipelineReader {
  mutating func readHosts(_ node: SourceNode?) -> [String: HostRoute] {
    guard let node, !node.isNull else { return [:] }
    guard let entries = node.entries else {
      add(
        "Hosts are a mapping of names to kinds of hosts, not \(node.found).", at: node.place,
        hint: "Write for example 'photos: { KIND: { … } }', where KIND is one of \(kinds).")
      return [:]
    }
    var hosts: [String: HostRoute] = [:]
    for (key, value) in entries {
      let name = key.text ?? ""
      guard Self.isHostName(name) else {
        add(
          "The name of a host is a word, not \(key.found).", at: key.place,
          hint: "Use letters, digits, '-' and '_'.")
        continue
      }
      guard hosts[name] == nil else {
        add("'\(name)' is written twice.", at: key.place, hint: "Keep one.")
        continue
      }
      guard let route = readHost(value, name: name) else { continue }
      if route.kind != name, vocabulary.host(name) != nil {
        add(
          "'\(name)' is a kind of host itself, and cannot be the name of another kind.",
          at: key.place, hint: "Choose another name, such as 'my-\(name)'.")
      }
      hosts[name] = route
    }
    return hosts
  }

  private static func isHostName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64
      && name.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
          || $0 == "-" || $0 == "_"
      }
  }

  private var kinds: String { vocabulary.hosts.map(\.name).joined(separator: ", ") }

  private mutating func readHost(_ node: SourceNode, name: String) -> HostRoute? {
    let kindNode: SourceNode
    let settings: SourceNode?
    if node.text != nil, !node.isNull {
      (kindNode, settings) = (node, nil)
    } else if let entries = node.entries, let only = entries.first, entries.count == 1 {
      (kindNode, settings) = (only.key, only.value)
    } else {
      add(
        "The host '\(name)' is one kind with its settings, not \(node.found).", at: node.place,
        hint: "Write '\(name): { KIND: { … } }', where KIND is one of \(kinds).")
      return nil
    }
    let kind = kindNode.text ?? ""
    guard let host = vocabulary.host(kind) else {
      add(
        "There is no kind of host '\(kind)'.", at: kindNode.place,
        hint: Suggestion.hint(for: kind, among: vocabulary.hosts.map(\.name)))
      return nil
    }
    let values = settings.map { readSettings($0, of: name, host.settings) } ?? [:]
    guard settings.map({ $0.isNull || $0.entries != nil }) ?? true else { return nil }
    // A setting that was found and is wrong is told already.
    let written = settings?.entries?.compactMap(\.key.text) ?? []
    let missing = host.settings.filter { $0.isRequired && values[$0.name] == nil }
      .filter { setting in
        !written.contains { Suggestion.nearest(to: $0, among: [setting.name]) != nil }
      }
    for setting in missing {
      add(
        "The host '\(name)' lacks '\(setting.name)'.", at: kindNode.place, hint: setting.help)
    }
    return HostRoute(kind, values)
  }
}
