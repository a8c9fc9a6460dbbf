/// The length that a WebP file says it has. Source: RFC 9649, section 2.4.
struct RIFFStructure {
  /// What is wrong with it.
  let flaw: Flaw?

  /// Looks at the file at `path`; nil where it cannot be opened.
  init?(_ path: String) {
    guard let file = FileWindow(path) else { return nil }
    guard let promised = file.number(at: 4, count: 4, littleEndian: true) else {
      flaw = Flaw(.cutOff, "the file ends at byte \(file.size), inside its header")
      return
    }
    flaw =
      promised + 8 > file.size
      ? Flaw(.cutOff, "its header says \(promised + 8) bytes, and the file has \(file.size)") : nil
  }
}
