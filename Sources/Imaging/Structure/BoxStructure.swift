/// The boxes of a HEIC or AVIF file. Source: ISO/IEC 14496-12, section 4.2, and 23008-12.
struct BoxStructure {
  /// What is wrong with them.
  private(set) var flaw: Flaw?
  /// The colours that its first `nclx` box names; nil without one.
  private(set) var colors: CodedColors?
  /// Whether colours are stored multiplied by their opacity. Source: ISO/IEC 23008-12, section 6.5.8.
  private(set) var isPremultiplied = false

  private let file: FileWindow

  /// Looks at the file at `path`; nil where it cannot be opened.
  init?(_ path: String) {
    guard let file = FileWindow(path) else { return nil }
    self.file = file
    var names: Set<String> = []
    each(in: 0..<file.size) { name, content in
      names.insert(name)
      if content.upperBound > file.size {
        flaw = Flaw(
          .cutOff,
          "its box \(name) ends at byte \(content.upperBound), and the file at byte \(file.size)")
      }
    }
    var isNarrow = false
    descend(0..<file.size, ["meta", "iprp", "ipco", "colr"]) { colour in
      guard colors == nil, file.name(at: colour.lowerBound) == "nclx",
        let primaries = file.number(at: colour.lowerBound + 4, count: 2),
        let transfer = file.number(at: colour.lowerBound + 6, count: 2)
      else { return }
      colors = CodedColors(primaries: primaries, transfer: transfer)
      isNarrow = (file.number(at: colour.lowerBound + 10, count: 1) ?? 0x80) & 0x80 == 0
    }
    var isGray: Bool?
    descend(0..<file.size, ["meta", "iprp", "ipco", "av1C"]) { configuration in
      // The first one is the picture's; that of its opacity is gray too.
      guard isGray == nil else { return }
      isGray = (file.number(at: configuration.lowerBound + 2, count: 1) ?? 0) & 0x10 != 0
    }
    colors?.isNarrowGray = isNarrow && isGray == true
    descend(0..<file.size, ["meta", "iref", "prem"]) { _ in isPremultiplied = true }
    if flaw == nil, !names.contains("meta") {
      flaw = Flaw(.cutOff, "the box meta is missing; the file ends at byte \(file.size)")
    }
  }

  /// The boxes at the end of `path`, each within the one before.
  private func descend(_ range: Range<Int>, _ path: [String], _ found: (Range<Int>) -> Void) {
    guard let next = path.first else { return found(range) }
    each(in: range) { name, content in
      // Version and flags stand before what is in these boxes.
      let head = ["meta", "iref"].contains(name) ? 4 : 0
      let start = min(content.lowerBound + head, content.upperBound)
      let end = min(content.upperBound, range.upperBound)
      if name == next, start <= end { descend(start..<end, Array(path.dropFirst()), found) }
    }
  }

  /// Every box in `range`, with the bytes behind its header; the last one may end behind the file.
  private func each(in range: Range<Int>, _ body: (String, Range<Int>) -> Void) {
    var at = range.lowerBound
    for _ in 0..<1_000 {
      guard at + 8 <= range.upperBound, var length = file.number(at: at, count: 4),
        let name = file.name(at: at + 4)
      else { return }
      var header = 8
      if length == 1 {
        length = file.number(at: at + 8, count: 8) ?? 0
        header = 16
      } else if length == 0 {
        length = range.upperBound - at
      }
      guard length >= header else { return }
      let (end, overflows) = at.addingReportingOverflow(length)
      guard !overflows else { return }
      body(name, at + header..<end)
      at = end
    }
  }
}
