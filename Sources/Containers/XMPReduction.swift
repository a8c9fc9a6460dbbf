import Core

/// An XMP packet with nothing left but whose the file is, under which licence, and how it came to
/// be.
///
/// Sources: ISO 16684-1 (XMP), XMP Specification Part 2 (`xmpRights`), IPTC Photo Metadata Standard
/// 2023.1, PLUS 1.2, Creative Commons' ccREL, C2PA 2.1 section 11.5 (`dcterms:provenance`).
struct XMPReduction {
  /// What is kept; nil where nothing is left.
  let packet: [UInt8]?
  /// What is cut.
  let removed: Set<PrivateData>
  /// Whether a copyright, creator or kind of source is among what is kept.
  let hasRights: Bool
  /// Whether the packet is already nothing but what is kept.
  let isUnchanged: Bool

  private static let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  /// The prefixes that are written, with their namespaces and the properties that stay.
  private static let kept: [(prefix: String, space: String, names: Set<String>)] = [
    ("dc", "http://purl.org/dc/elements/1.1/", ["rights", "creator"]),
    (
      "xmpRights", "http://ns.adobe.com/xap/1.0/rights/",
      ["Marked", "WebStatement", "UsageTerms", "Owner", "Certificate"]
    ),
    (
      "cc", "http://creativecommons.org/ns#",
      ["license", "attributionName", "attributionURL", "morePermissions"]
    ),
    ("photoshop", "http://ns.adobe.com/photoshop/1.0/", ["Credit"]),
    ("Iptc4xmpExt", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", ["DigitalSourceType"]),
    ("plus", "http://ns.useplus.org/ldf/xmp/1.0/", ["DataMining"]),
    ("dcterms", "http://purl.org/dc/terms/", ["provenance", "license"]),
  ]

  /// What is left of `packet`.
  init(_ packet: [UInt8]) {
    guard let root = XMLElement.parse(packet) else {
      self.packet = nil
      removed = [.other]
      hasRights = false
      isUnchanged = false
      return
    }
    var properties: [(prefix: String, name: String, value: Value)] = []
    var removed: Set<PrivateData> = []
    func take(_ name: String, _ value: @autoclosure () -> Value?) {
      for (prefix, space, names) in Self.kept where name.hasPrefix(space) {
        let local = String(name.dropFirst(space.count))
        guard names.contains(local), let value = value() else { continue }
        properties.append((prefix, local, value))
        return
      }
      if let kind = Self.kind(name) { removed.insert(kind) }
    }
    for description in Self.descriptions(root) {
      for (name, text) in description.attributes.sorted(by: { $0.key < $1.key })
      where !name.hasPrefix(Self.rdf) && name != "about" {
        take(name, Value(text: text))
      }
      for child in description.children { take(child.name, Value.of(child, rdf: Self.rdf)) }
    }
    let reduced = properties.isEmpty ? nil : Self.packet(properties)
    // Packets are filled up with blanks, so that they can be changed in their place.
    let filling: Set<UInt8> = [0, 9, 10, 13, 32]
    let bare = Array(packet.prefix((packet.lastIndex { !filling.contains($0) } ?? -1) + 1))
    isUnchanged = bare == reduced || bare == XMPPacket.bytes(XMPPacket.rights(bare))
    // What is left may be all that it said, in another program's words.
    if removed.isEmpty, !isUnchanged { removed.insert(.software) }
    self.removed = removed
    self.packet = isUnchanged ? packet : reduced
    hasRights = properties.contains {
      ($0.prefix == "dc") || $0.name == "DigitalSourceType"
    }
  }

  /// A property's value: a text, or a list of texts.
  private struct Value {
    var list: String?
    var items: [(language: String?, text: String)]

    init?(text: String) {
      guard let text = Self.clean(text) else { return nil }
      items = [(nil, text)]
    }

    private init(list: String, items: [(language: String?, text: String)]) {
      self.list = list
      self.items = items
    }

    /// The value of a property that is an element; nil for one that holds more than texts.
    static func of(_ element: XMLElement, rdf: String) -> Value? {
      if let resource = element.attributes[rdf + "resource"] { return Value(text: resource) }
      guard let list = element.children.first else { return Value(text: element.text) }
      guard list.name.hasPrefix(rdf), element.children.count == 1 else { return nil }
      let kind = String(list.name.dropFirst(rdf.count))
      guard ["Alt", "Seq", "Bag"].contains(kind) else { return nil }
      let items = list.children.prefix(50).compactMap {
        item -> (language: String?, text: String)? in
        guard item.name == rdf + "li", item.children.isEmpty, let text = clean(item.text)
        else { return nil }
        let language = item.attributes["http://www.w3.org/XML/1998/namespace#lang"]
        return (language.flatMap(clean), text)
      }
      return items.isEmpty ? nil : Value(list: kind, items: items)
    }

    private static func clean(_ text: String) -> String? {
      let plain = text.prefix(2_000).filter { $0.unicodeScalars.allSatisfy { $0.value >= 32 } }
      let words = plain.split(separator: " ").joined(separator: " ")
      return words.isEmpty ? nil : words
    }
  }

  /// The descriptions of the file itself: two levels below the packet's root, at most.
  private static func descriptions(_ root: XMLElement) -> [XMLElement] {
    let graphs = [root] + root.children
    return graphs.filter { $0.name == rdf + "RDF" }.flatMap(\.children).filter {
      $0.name == rdf + "Description"
    }
  }

  private static func packet(
    _ properties: [(prefix: String, name: String, value: Value)]
  ) -> [UInt8] {
    let prefixes = Set(properties.map(\.prefix))
    let spaces = kept.filter { prefixes.contains($0.prefix) }
      .map { " xmlns:\($0.prefix)=\"\($0.space)\"" }.joined()
    var seen: Set<String> = []
    var body = ""
    for (prefix, name, value) in properties where seen.insert(prefix + name).inserted {
      var inside = ""
      for (language, text) in value.items {
        guard value.list != nil else {
          inside = escaped(text)
          break
        }
        let tag = language.map { " xml:lang=\"\(escaped($0))\"" } ?? ""
        inside += "<rdf:li\(tag)>\(escaped(text))</rdf:li>"
      }
      if let list = value.list { inside = "<rdf:\(list)>\(inside)</rdf:\(list)>" }
      body += "<\(prefix):\(name)>\(inside)</\(prefix):\(name)>"
    }
    let text =
      "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
      + "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"\(rdf)\">"
      + "<rdf:Description rdf:about=\"\"\(spaces)>\(body)</rdf:Description></rdf:RDF></x:xmpmeta>"
      + "<?xpacket end=\"r\"?>"
    return Array(text.utf8)
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }

  /// What a property that goes is about; nil for one that says nothing.
  private static func kind(_ name: String) -> PrivateData? {
    let local = name.split(whereSeparator: { $0 == "/" || $0 == "#" }).last.map(String.init) ?? name
    let lower = local.lowercased()
    func has(_ parts: String...) -> Bool { parts.contains { lower.contains($0) } }
    if has("gps", "location", "city", "country", "state", "latitude", "longitude") {
      return .place
    }
    if has("serialnumber", "uniqueid") { return .serialNumber }
    if has("owner", "person") { return .owner }
    if has("thumbnail", "preview") { return .thumbnail }
    if has("history", "documentid", "instanceid", "derivedfrom", "ancestors", "versionid") {
      return .history
    }
    if name.hasPrefix("http://ns.adobe.com/camera-raw-settings/") { return .history }
    if has("date", "time") { return .time }
    if has("creatortool", "software") { return .software }
    if has("description", "title", "headline", "subject", "rating", "label", "keyword", "caption") {
      return .description
    }
    if lower == "make" || lower == "model" || has("lens") { return .device }
    if has("comment") { return .comment }
    if name.hasPrefix("http://ns.adobe.com/exif/") { return .settings }
    if has("gcontainer", "container", "hdrgm", "hasextendedxmp") { return .secondPicture }
    return .other
  }
}
