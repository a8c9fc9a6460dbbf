import Core

/// References that name a file of this machine.
public enum LocalReference {
  /// The path that `reference` names: a plain path or a `file:` URL; nil for other URLs and `-`.
  public static func path(_ reference: String) -> String? {
    if reference == "-" { return nil }
    if let url = reference.dropPrefix("file://") {
      let path = url.dropPrefix("localhost") ?? url
      // Another machine's file is not the one of that name here.
      return path.hasPrefix("/") ? percentDecoded(path) : nil
    }
    if reference.contains("://") { return nil }
    return reference
  }

  private static func percentDecoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let decoded = [UInt8](hexadecimal: String(decoding: rest.prefix(2), as: UTF8.self))?.first
      {
        bytes.append(decoded)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  fileprivate func dropPrefix(_ prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
