import Core
import TurboJPEG
import Vips

/// A JPEG whose end marker is missing, with one behind what is there.
///
/// Every reader shows such a file where all of its pixels are there; whether they are shows when the
/// completed bytes are decoded and no flaw passes.
struct CompletedJPEG {
  /// The file's bytes and an end marker.
  let bytes: [UInt8]
  /// Why the picture is not whole although its bytes decode; nil where nothing speaks against it.
  let gap: Flaw?

  /// The completed bytes of `file`; nil where the file has its end marker, or where pixels do not even
  /// begin.
  init?(_ file: SourceFile) throws {
    guard let window = FileWindow(file.path),
      window.number(at: window.size - 2, count: 2) != 0xFFD9
    else { return nil }
    var bytes = try file.bytes()
    let structure = JPEGStructure(bytes)
    guard !structure.hasEnd, structure.hasPixels, structure.flaw?.kind == .cutOff else {
      return nil
    }
    gap =
      structure.hasEveryScan
      ? nil : Flaw(.cutOff, "scans that would refine it are missing after byte \(bytes.count)")
    bytes += bytes.last == 0xFF ? [0xD9] : [0xFF, 0xD9]
    self.bytes = bytes
  }
}

extension Header {
  /// Runs `body` so that no flaw in a JPEG passes, and once more with those that lose no pixels.
  func passingHarmlessFlaws<Result>(_ body: (Strictness) throws -> Result) throws -> Result {
    if let gap = completed?.gap { throw file.unreadable(gap) }
    guard loader == .jpeg else { return try body(.errors) }
    do {
      return try body(.warnings)
    } catch let error as VipsError {
      guard completed == nil, error.kind == .pixels || error.kind == .open,
        case .harmless = JPEGWarning(try file.bytes())
      else { throw error }
      return try body(.errors)
    }
  }
}
