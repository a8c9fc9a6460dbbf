/// What is wrong with a file, by its structure alone.
struct Flaw: Equatable {
  /// What it means for the picture.
  enum Kind {
    /// The file ends too early.
    case cutOff
    /// The file is whole and contradicts itself.
    case damaged
    /// The file is sound and of a variant that is not read.
    case unsupported
  }

  /// What it means for the picture.
  let kind: Kind
  /// What was found, and where: the end of a sentence.
  let text: String

  /// What a person reads of it before pixels are decoded.
  var remark: String { kind == .cutOff ? "cut off: \(text)" : text }

  init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

extension SourceFile {
  /// What is wrong with the file by its structure; nil where nothing can be seen from it.
  ///
  /// For files that could not be read: it walks through the whole file.
  func flaw() -> Flaw? {
    switch format {
    case .png: PNGStructure(path)?.flaw
    case .jpg: (try? bytes()).flatMap { JPEGStructure($0).flaw }
    case .tiff: TIFFStructure(path)?.flaw
    case .webp: RIFFStructure(path)?.flaw
    case .heic, .avif: BoxStructure(path)?.flaw
    default: nil
    }
  }
}
