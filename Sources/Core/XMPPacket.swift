/// Rights as an XMP packet, the way JPEG, PNG, WebP and GIF carry them.
/// Source: ISO 16684-1 (XMP), IPTC Photo Metadata Standard 2023.1.
public enum XMPPacket {
  /// The longest packet that is read, in bytes, and the longest text that is kept, in characters.
  private static let longest = (packet: 1 << 20, text: 2_000)

  /// The packet; nil where there is nothing to say.
  public static func bytes(_ rights: Rights) -> [UInt8]? {
    guard !rights.isEmpty else { return nil }
    var body = ""
    if let copyright = rights.copyright {
      body +=
        "<dc:rights><rdf:Alt><rdf:li xml:lang=\"x-default\">\(escaped(copyright))</rdf:li>"
        + "</rdf:Alt></dc:rights>"
    }
    if let creator = rights.creator {
      body += "<dc:creator><rdf:Seq><rdf:li>\(escaped(creator))</rdf:li></rdf:Seq></dc:creator>"
    }
    if let type = rights.digitalSourceType {
      body +=
        "<Iptc4xmpExt:DigitalSourceType>\(escaped(type))</Iptc4xmpExt:DigitalSourceType>"
    }
    if let terms = rights.usageTerms {
      body +=
        "<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang=\"x-default\">\(escaped(terms))</rdf:li>"
        + "</rdf:Alt></xmpRights:UsageTerms>"
    }
    if let license = rights.license {
      body +=
        "<xmpRights:WebStatement>\(escaped(license))</xmpRights:WebStatement>"
        + "<cc:license rdf:resource=\"\(escaped(license))\"/>"
    }
    // Namespaces that are not used would only make every file longer.
    let spaces = [
      ("xmpRights", "http://ns.adobe.com/xap/1.0/rights/"),
      ("cc", "http://creativecommons.org/ns#"),
    ].filter { body.contains("<\($0.0):") }.map { " xmlns:\($0.0)=\"\($0.1)\"" }.joined()
    let text =
      "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
      + "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
      + "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
      + "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
      + "xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\"\(spaces)>\(body)"
      + "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>"
    return Array(text.utf8)
  }

  /// What a packet says of rights; whatever else it says is passed over.
  public static func rights(_ bytes: [UInt8]) -> Rights {
    guard bytes.count <= longest.packet, let text = String(validating: bytes, as: UTF8.self) else {
      return Rights()
    }
    let type =
      value(of: "Iptc4xmpExt:DigitalSourceType", in: text)
      ?? value(of: "Iptc4xmpExt:digitalsourcetype", in: text)
    return Rights(
      copyright: listed("dc:rights", in: text), creator: listed("dc:creator", in: text),
      // Only what stands in the vocabulary is a term.
      digitalSourceType: type.flatMap(term), usageTerms: listed("xmpRights:UsageTerms", in: text),
      license: resource("cc:license", in: text) ?? value(of: "cc:license", in: text)
        ?? value(of: "xmpRights:WebStatement", in: text))
  }

  private static func term(_ text: String) -> String? {
    let name = text.split(separator: "/").last.map(String.init) ?? text
    return DigitalSourceType(rawValue: name)?.uri
  }

  /// A property written as an attribute or as an element with text.
  private static func value(of name: String, in text: String) -> String? {
    for quote in ["\"", "'"] {
      if let start = text.firstRange(of: "\(name)=\(quote)"),
        let end = text[start.upperBound...].firstRange(of: quote)
      {
        return clean(text[start.upperBound..<end.lowerBound])
      }
    }
    guard let inside = element(name, in: text[...]) else { return nil }
    return inside.contains("<") ? nil : clean(inside)
  }

  /// A property that is an element with an address in its own tag.
  private static func resource(_ name: String, in text: String) -> String? {
    guard let open = text.firstRange(of: "<\(name) "),
      let end = text[open.upperBound...].firstIndex(of: ">")
    else { return nil }
    return value(of: "rdf:resource", in: String(text[open.upperBound..<end]))
  }

  /// The first entry of a property that is a list.
  private static func listed(_ name: String, in text: String) -> String? {
    guard let inside = element(name, in: text[...]) else { return nil }
    return element("rdf:li", in: inside).flatMap { $0.contains("<") ? nil : clean($0) }
  }

  private static func element(_ name: String, in text: Substring) -> Substring? {
    guard let open = text.firstRange(of: "<\(name)"),
      let start = text[open.upperBound...].firstIndex(of: ">"),
      text[..<start].last != "/",
      let end = text[start...].firstRange(of: "</\(name)>")
    else { return nil }
    return text[text.index(after: start)..<end.lowerBound]
  }

  private static func clean(_ text: Substring) -> String? {
    var plain = String(text.prefix(longest.text))
    for (entity, character) in entities { plain = plain.replacing(entity, with: character) }
    plain = plain.filter { $0.unicodeScalars.allSatisfy { $0.value >= 32 } }
    let words = plain.split(separator: " ").joined(separator: " ")
    return words.isEmpty ? nil : words
  }

  // The ampersand's own entity is read last and written first.
  private static let entities = [
    ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
  ]

  private static func escaped(_ text: String) -> String {
    var result = text
    for (entity, character) in entities.reversed() {
      result = result.replacing(character, with: entity)
    }
    return result
  }
}
