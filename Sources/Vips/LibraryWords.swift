/// What libvips' error text says about one file.
///
/// The text is one buffer for the whole process, so it may hold lines of other files: those of
/// another loader and those with a path are left out.
struct LibraryWords {
  /// The lines that are left, joined; empty where none is.
  let text: String

  /// The words of `text` that can be about a file of `loader`.
  init(_ text: String, loader: Loader?) {
    var lines: [Substring] = []
    for line in text.split(whereSeparator: \.isNewline) {
      guard !line.contains("/"), !line.contains("operation is blocked") else { continue }
      var words = line
      if let end = line.firstRange(of: ": "), !line[..<end.lowerBound].contains(" ") {
        let domain = line[..<end.lowerBound].lowercased()
        if let loader, Self.owner(of: domain).map({ $0 != loader }) ?? false { continue }
        words = line[end.upperBound...]
      }
      words = words.prefix { $0.isASCII }
      var trimmed = words.drop { $0 == " " }
      // What libtiff calls every file that it is handed open.
      if trimmed.hasPrefix("source input: ") { trimmed = trimmed.dropFirst(14) }
      guard !trimmed.isEmpty, !lines.contains(trimmed) else { continue }
      lines.append(trimmed)
    }
    // That something could not be opened or read says nothing beside the reason for it.
    let reasons = lines.filter { !$0.hasPrefix("unable to ") && $0 != "read error" }
    if !reasons.isEmpty { lines = reasons }
    self.text = lines.prefix(3).joined(separator: "; ")
  }

  /// The loader that writes lines of `domain`; nil for what several or none do.
  private static func owner(of domain: String) -> Loader? {
    let parts: [(String, Loader)] = [
      ("jpeg", .jpeg), ("jpg", .jpeg), ("png", .png), ("webp", .webp),
      ("tiff", .tiff), ("heif", .heif), ("avif", .heif),
    ]
    return parts.first { domain.contains($0.0) }?.1
  }
}
