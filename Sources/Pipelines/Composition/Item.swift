import Core
import Files

/// One item of a run: what it is called and what it is made from.
public struct Item: Sendable {
  /// The item's name, also its folder's: letters, digits, `.`, `_` and `-`.
  public var id: String
  /// The scene: a path, a URL, or `-` for standard input.
  public var scene: String
  /// The face: a path, a URL, or `-`; nil for a pipeline without a swap.
  public var face: String?
  /// Parameters that this item sets otherwise than the pipeline, as `stage.key` and YAML text.
  public var overrides: [String: String]
  /// What else a list says of it, by the names of the list's columns, such as `sku`.
  public var fields: [String: String]
  /// Where it was written down; nil for one from elsewhere. It says nothing about what the item is.
  public var origin: ItemOrigin?

  /// An item; without an `id` it is named after the scene's file.
  public init(
    id: String? = nil, scene: String, face: String? = nil, overrides: [String: String] = [:],
    fields: [String: String] = [:]
  ) {
    self.id = Item.safeName(id ?? Item.stem(of: scene))
    self.scene = scene
    self.face = face
    self.overrides = overrides
    self.fields = fields
  }

  /// The fields as they may be written down: an address among them without its query.
  public var shownFields: [String: String] {
    fields.mapValues { value in
      let isAddress = value.hasPrefix("http://") || value.hasPrefix("https://")
      return isAddress && !value.contains(where: \.isWhitespace) ? value.shownAddress : value
    }
  }

  /// What it is made from as it may be written down; where an address is shortened, the row that has it
  /// whole stands beside it.
  package var shownSource: [String: String] {
    var source = ["scene": scene.shownAddress]
    source["face"] = face?.shownAddress
    guard let origin, let list = origin.list, source["scene"] != scene || source["face"] != face
    else { return source }
    source["items"] = list
    source["line"] = "\(origin.line)"
    source["digest"] = origin.digest
    return source
  }

  /// What plays `role`.
  public func reference(for role: Role) -> String? {
    switch role {
    case .scene: scene
    case .face: face
    case .result: nil
    }
  }

  /// A path's or URL's last part without query and extension; `input` when nothing is left.
  public static func stem(of reference: String) -> String {
    guard reference != "-" else { return "stdin" }
    let path = reference.prefix { $0 != "?" && $0 != "#" }
    let last = path.split(separator: "/").last.map(String.init) ?? ""
    guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return last }
    return String(last[..<dot])
  }

  /// `name` as the name of a folder: what is not a letter, digit, `.`, `_` or `-` becomes `-`.
  public static func safeName(_ name: String) -> String {
    var safe = ""
    for character in name.prefix(120) {
      let isSafe = character.isLetter || character.isNumber || "._-".contains(character)
      let next = isSafe ? character : "-"
      // File systems count bytes, at most 255, and one letter may have many.
      guard safe.utf8.count + next.utf8.count <= 240 else { break }
      safe.append(next)
    }
    // A leading dot would hide the folder, and `..` would leave the run's.
    while safe.hasPrefix(".") { safe.removeFirst() }
    return safe.isEmpty || ownNames.contains(safe) ? "item" + safe : safe
  }

  /// The run's own reports, which stand beside the items' folders.
  static let ownNames = [RunFolder.report, RunFolder.failures, RunFolder.done, RunFolder.page]
}

extension Item: Hashable {
  public static func == (a: Item, b: Item) -> Bool {
    a.id == b.id && a.scene == b.scene && a.face == b.face && a.overrides == b.overrides
      && a.fields == b.fields
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(id)
    hasher.combine(scene)
    hasher.combine(face)
  }
}

extension Item: Codable {
  private enum Key: String, CodingKey {
    case id, scene, face, overrides, fields
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    id = try container.decode(String.self, forKey: .id)
    scene = try container.decode(String.self, forKey: .scene)
    face = try container.decodeIfPresent(String.self, forKey: .face)
    overrides = try container.decodeIfPresent([String: String].self, forKey: .overrides) ?? [:]
    fields = try container.decodeIfPresent([String: String].self, forKey: .fields) ?? [:]
  }

  /// Writes addresses without their queries, which may be signatures: who goes on with an item has it
  /// from where it was named.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(id, forKey: .id)
    try container.encode(scene.shownAddress, forKey: .scene)
    try container.encodeIfPresent(face?.shownAddress, forKey: .face)
    try container.encode(overrides, forKey: .overrides)
    if !fields.isEmpty { try container.encode(shownFields, forKey: .fields) }
  }
}

/// An item that cannot be run, such as a row of a list that makes no sense: what is known of it, and why.
public struct ItemFailure: Error, Sendable, Hashable {
  /// The item, as far as it can be read; its scene may be empty.
  public var item: Item
  /// Why it cannot be run.
  public var error: SwaplineError

  /// An item that cannot be run because of `error`.
  public init(_ item: Item, _ error: SwaplineError) {
    self.item = item
    self.error = error
  }
}

/// Where an item was written down.
public struct ItemOrigin: Sendable, Hashable, Codable {
  /// The list's absolute path; nil for one that cannot be read again, as standard input.
  public var list: String?
  /// The line that its row begins in, from 1.
  public var line: Int
  /// The start of the SHA-256 of the row's values, by which a changed row is known.
  public var digest: String

  /// A row of `list`.
  public init(list: String?, line: Int, digest: String) {
    self.list = list
    self.line = line
    self.digest = digest
  }
}
