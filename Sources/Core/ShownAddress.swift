extension String {
  /// A path or an address as it may be shown and written down: queries often hold signatures, and what
  /// stands before `@` a password.
  public var shownAddress: String {
    // Most texts are found to have nothing to hide by a look at their bytes.
    guard utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "@") }),
      let scheme = firstRange(of: "://")?.upperBound
    else { return self }
    var shown = self
    if let mark = shown.firstIndex(of: "?") { shown = shown[..<mark] + "?…" }
    let host = shown[scheme...].prefix { $0 != "/" }
    guard let end = host.lastIndex(of: "@") else { return shown }
    return shown[..<scheme] + "…" + shown[end...]
  }

  /// Whether this is an address of which `shownAddress` has left something out, so that it can no
  /// longer be fetched.
  public var isShortenedAddress: Bool {
    utf8.contains(0xE2) && contains("://") && (hasSuffix("?…") || contains("://…@"))
  }

  /// Whether an address is in this text.
  package var holdsAddress: Bool {
    var rest = utf8[...]
    while let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
      rest = rest[colon...].dropFirst()
      if rest.starts(with: "//".utf8) { return true }
    }
    return false
  }
}

extension String {
  /// A text with every address in it shown as `shownAddress` does: what servers and providers say may
  /// repeat one.
  public var hidingQueries: String {
    guard holdsAddress else { return self }
    var shown = ""
    var rest = self[...]
    func isInside(_ character: Character) -> Bool {
      !character.isWhitespace && !"\"'<>`".contains(character)
    }
    while let scheme = rest.firstRange(of: "://") {
      let tail = rest[scheme.upperBound...].prefix(while: isInside)
      let address = rest[scheme.lowerBound..<tail.endIndex]
      shown += rest[..<scheme.lowerBound]
      // A full stop or bracket behind an address ends the sentence.
      let ending = String(address.reversed().prefix { ".,;:!)]}".contains($0) }.reversed())
      shown += String(address.dropLast(ending.count)).shownAddress + ending
      rest = rest[tail.endIndex...]
    }
    return shown + rest
  }

  /// An address by which two are told apart, without its query being readable.
  public var knownAddress: String {
    let shown = shownAddress
    return shown == self ? self : "\(shown) \(Digest(of: self).short)"
  }
}

extension SwaplineError {
  /// The same error without the queries of addresses.
  public var hidingQueries: SwaplineError {
    var copy = self
    copy.message = message.hidingQueries
    copy.hint = hint?.hidingQueries
    copy.place = place?.hidingQueries
    return copy
  }
}
