import Core

/// What a file is that is not media: a name for it, and what to do.
struct UnknownFileDiagnosis {
  private let head: [UInt8]

  /// A file by its first bytes; a thousand are plenty.
  init(_ head: [UInt8]) {
    self.head = head
  }

  /// The error that says what was found and what was wanted.
  func error(name: String) -> SwaplineError {
    let wanted = "it should be a picture"
    if head.isEmpty {
      return SwaplineError(
        .damaged, "\(name) is empty; \(wanted).", hint: "Download or export it again.")
    }
    if let kind = signatureKind {
      return SwaplineError(
        .unsupported, "\(name) is \(kind); \(wanted).",
        hint: "Convert it to jpg, png or webp first.")
    }
    if head.allSatisfy({ $0 == 0 }) {
      return SwaplineError(
        .damaged, "\(name) begins with zero bytes only; \(wanted).",
        hint: "It was probably not written to the end: download or export it again.")
    }
    switch textKind {
    case .page:
      return SwaplineError(
        .damaged, "\(name) is an HTML page; \(wanted).",
        hint: "The address leads to a page about the picture, or to an error or log-in page: use "
          + "the address of the picture itself.")
    case .drawing:
      return SwaplineError(
        .unsupported, "\(name) is an SVG drawing; it should be a picture of pixels.",
        hint: "Export it as png first.")
    case .other(let kind):
      return SwaplineError(
        .damaged, "\(name) is \(kind); \(wanted).",
        hint: "Look into it: it may hold an error message of the place it came from.")
    case nil:
      let first = Array(head.prefix(8)).hexadecimal
      return SwaplineError(
        .unsupported, "\(name) is of no known format (it begins with \(first)); \(wanted).",
        hint: "Swapline reads \(readable).")
    }
  }

  /// Formats with a signature, from their own specifications.
  private var signatureKind: String? {
    let signatures: [(offset: Int, bytes: [UInt8], kind: String)] = [
      (0, Array("%PDF-".utf8), "a PDF document"),
      (0, [0x50, 0x4B, 0x03, 0x04], "a ZIP archive or an office document"),
      (0, [0x1F, 0x8B], "a gzip archive"),
      (0, Array("7z".utf8) + [0xBC, 0xAF], "a 7z archive"),
      (0, Array("Rar!".utf8), "a RAR archive"),
      (0, [0xFF, 0x0A], "a JPEG XL picture"),
      (4, Array("JXL ".utf8), "a JPEG XL picture"),
      (4, Array("jP  ".utf8), "a JPEG 2000 picture"),
      (0, Array("8BPS".utf8), "a Photoshop document"),
      (0, [0x00, 0x00, 0x01, 0x00], "a Windows icon"),
      (8, Array("AVI ".utf8), "an AVI video"),
      (8, Array("WAVE".utf8), "a WAV sound"),
      (0, Array("ID3".utf8), "an MP3 sound"),
      (0, Array("OggS".utf8), "an Ogg video or sound"),
      (4, Array("ftypcrx ".utf8), "a Canon raw picture"),
      (4, Array("ftyp".utf8), "a video or picture of an unknown ISO media brand"),
      (0, [0x7F] + Array("ELF".utf8), "a program"),
    ]
    return signatures.first { head.dropFirst($0.offset).starts(with: $0.bytes) }?.kind
  }

  private var readable: String {
    MediaFormat.all.filter { $0.reader != .libav }
      .map(\.name)
      .joined(separator: ", ")
  }

  private enum TextKind {
    case page
    case drawing
    case other(String)
  }

  private var textKind: TextKind? {
    let body = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]
    let controls = body.contains { $0 < 0x20 && ![0x09, 0x0A, 0x0C, 0x0D].contains($0) }
    guard !controls else { return nil }
    // The last character may be cut; a replacement character elsewhere means it is no UTF-8 text.
    let text = String(decoding: body, as: UTF8.self)
    guard !text.dropLast(4).contains("\u{FFFD}") else { return nil }
    let start = text.drop { $0.isWhitespace }.lowercased()
    if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") { return .page }
    if start.hasPrefix("<svg") { return .drawing }
    if start.hasPrefix("<?xml") || start.hasPrefix("<!--") || start.hasPrefix("<!doctype") {
      if start.contains("<svg") { return .drawing }
      return start.contains("<html") ? .page : .other("an XML document")
    }
    if start.hasPrefix("{") || start.hasPrefix("[") { return .other("a JSON text") }
    return .other("a text file")
  }
}
