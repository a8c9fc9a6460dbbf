import Core
import Processing
import Vips

/// Reads BMP, which libvips reads only through ImageMagick, which it does not trust itself.
enum Bitmap {
  /// Columns and rows of the file's header; nil for what is no BMP.
  static func size(_ head: [UInt8]) -> Size? {
    BitmapHeader(head).map { Size($0.width, $0.height) }
  }

  /// The picture in memory: RGB, and opacity where some pixel has any.
  static func open(_ file: SourceFile, cancellation: Cancellation) throws -> Image {
    let bytes = try file.bytes()
    guard let header = BitmapHeader(bytes) else {
      throw file.unreadable(Flaw(.damaged, "its header gives no sides"))
    }
    if let flaw = header.flaw(in: bytes) {
      let there = header.rows(in: bytes).map { "\($0) of \(header.height) rows are there" }
      throw file.unreadable(flaw, rows: flaw.kind == .cutOff ? there : nil)
    }
    var pixels = BitmapPixels(header, bytes)
    if let row = pixels.read() {
      throw file.unreadable(
        Flaw(.cutOff, "the file ends at byte \(bytes.count)"),
        rows: "\(row) of \(header.height) rows are there")
    }
    let image = try Image.fromSamples(
      pixels.samples, width: header.width, height: header.height, bands: pixels.bands,
      cancellation: cancellation)
    return try header.profile(in: bytes).map { try image.withoutMetadata(profile: $0) } ?? image
  }
}
