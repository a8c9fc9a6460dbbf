import Core
import Files

// From what a row says to an item.
extension ItemsFile {
  func item(_ row: Row) -> Result<Item, ItemFailure> {
    var values = row.values
    let origin = ItemOrigin(
      list: isStandardInput ? nil : FileSystem.absolute(path), line: row.line,
      digest: values.digest)
    var item = Item(
      id: values[.id] ?? Self.name(ofLine: row.line), scene: values[.scene] ?? "",
      face: values[.face])
    item.origin = origin
    do throws(SwaplineError) {
      if let error = row.error { throw error }
      if let reference = try reference(values) {
        // The list says what the row was; the row at hand says what it wants otherwise.
        item.origin = reference.origin
        if values[.id] == Self.name(ofLine: reference.origin.line) { values[.id] = nil }
        values.merge(reference.values) { own, listed in own.isShortenedAddress ? listed : own }
        for key in ["items", "line", "digest"] { values[.reference(key)] = nil }
      }
      try fill(&item, values)
      if let first = lines.updateValue(Int32(clamping: row.line), forKey: item.id.hashValue) {
        throw SwaplineError(
          .usage, "Two items are called '\(item.id)', in lines \(first) and \(row.line).",
          hint: "Give each its own id.")
      }
      return .success(item)
    } catch {
      item.fields = values.fields
      return .failure(ItemFailure(item, error.of(item: item.id).at("\(path):\(row.line)")))
    }
  }

  /// What a row is called that has no name, or none that can be read.
  private static func name(ofLine line: Int) -> String { "line-\(line)" }

  private func fill(_ item: inout Item, _ values: Values) throws(SwaplineError) {
    for case (.setting(let key), let value) in values { item.overrides[key] = value }
    item.fields = values.fields
    guard let scene = values[.scene] else {
      throw SwaplineError(
        .usage, "The row has no scene.", hint: "Fill in the column 'scene'.")
    }
    for (name, address) in [("scene", scene), ("face", values[.face] ?? face ?? "")] {
      guard !address.isShortenedAddress else {
        throw SwaplineError(
          .usage, "The \(name)'s address was signed, and a run keeps no signatures.",
          hint: "Give the whole address again.")
      }
      guard !address.utf8.contains(0) else {
        throw SwaplineError(
          .usage, "The \(name) contains a zero byte.", hint: "Save the file as UTF-8.")
      }
    }
    item.scene = located(scene)
    item.face = values[.face].map(located) ?? face
    item.id = Item.safeName(values[.id] ?? Item.stem(of: scene))
    if let naming {
      item.id = Item.safeName(
        naming.name(
          scene: scene, face: item.face, id: values[.id].map { Item.safeName($0) }, index: index,
          fields: item.fields))
    }
  }

  /// A path as it counts from the list's folder.
  private func located(_ reference: String) -> String {
    guard let folder, !reference.hasPrefix("/"), reference != "-", !reference.holdsAddress else {
      return reference
    }
    return folder + "/" + reference
  }

  /// What relative paths of the list at `path` count from: its folder, or that of the list that it is a part of.
  static func base(of path: String) -> String? {
    SplitFacts.base(ofPart: path) ?? folder(of: path)
  }

  private static func folder(of path: String) -> String? {
    guard path != "-", let slash = path.lastIndex(of: "/") else { return nil }
    return slash == path.startIndex ? "" : String(path[..<slash])
  }

  // MARK: References

  private func reference(_ values: Values) throws(SwaplineError) -> (
    values: Values, origin: ItemOrigin
  )? {
    let isShort =
      values[.scene]?.isShortenedAddress ?? true || values[.face]?.isShortenedAddress ?? false
    guard isShort,
      let list = values[.reference("items")],
      let line = values[.reference("line")].flatMap({ Int($0) })
    else { return nil }
    let path = located(list)
    let known: ReferencedList
    if let open = references[path] {
      known = open
    } else {
      known = ReferencedList(path, stages: columns.stages)
      references[path] = known
    }
    var found = try known.values(at: line)
    guard values[.reference("digest")] == nil || values[.reference("digest")] == found.digest else {
      throw SwaplineError(
        .usage, "Line \(line) of \(path) has changed since the item failed.",
        hint: "Run that list again instead.")
    }
    let origin = ItemOrigin(list: path, line: line, digest: found.digest)
    let folder = Self.base(of: path)
    for role in [ItemColumns.Meaning.scene, .face] {
      guard let folder, let reference = found[role], !reference.hasPrefix("/"), reference != "-",
        !reference.holdsAddress
      else { continue }
      found[role] = FileSystem.absolute(folder + "/" + reference)
    }
    return (found, origin)
  }

  /// The next row as it stands, for a list that refers to this one.
  func nextValues() throws(SwaplineError) -> (line: Int, values: Result<Values, SwaplineError>)? {
    guard let row = try row() else { return nil }
    return (row.line, row.error.map { .failure($0) } ?? .success(row.values))
  }
}

extension ItemsFile.Values {
  /// The start of the digest of what the row says.
  fileprivate var digest: String {
    let text = map { "\($0.key.name)\u{1F}\($0.value)" }.sorted().joined(separator: "\u{1E}")
    return String(Digest(of: text).hex.prefix(16))
  }

  /// What is no column of ours.
  fileprivate var fields: [String: String] {
    var fields: [String: String] = [:]
    for (key, value) in self {
      switch key {
      case .field(let name): fields[name] = value
      case .reference(let name): fields[name] = value
      default: break
      }
    }
    return fields
  }
}
