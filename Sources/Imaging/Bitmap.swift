import AV
import Core
import Vips

/// Reads BMP with libavcodec: libvips reads it only through ImageMagick, which it does not trust
/// itself.
enum Bitmap {
  /// Columns and rows of the file's header; nil for what is no BMP.
  /// Source: Microsoft's BITMAPINFOHEADER and the older BITMAPCOREHEADER.
  static func size(_ head: [UInt8]) -> Size? {
    func number(_ at: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(head[at + $1]) << (8 * $1) }
    }
    guard head.count >= 26 else { return nil }
    if number(14, 4) == 12 { return Size(number(18, 2), number(20, 2)) }
    // A negative height says that rows go from top to bottom.
    let height = Int(Int32(truncatingIfNeeded: number(22, 4)))
    let width = Int(Int32(truncatingIfNeeded: number(18, 4)))
    guard width > 0, height != 0 else { return nil }
    return Size(width, abs(height))
  }

  /// The picture in memory.
  static func open(_ file: SourceFile, interrupt: Interrupt) throws -> Image {
    let halt = Halt()
    do {
      let input = try InputFile(file.path, halt: halt)
      guard let facts = input.video else { throw damaged(file, "no picture in it") }
      guard let frame = try AV.Decoder(input, facts, threads: 1).next() else {
        throw damaged(file, "no picture in it")
      }
      let (width, height) = (frame.width, frame.height)
      let scaler = Scaler()
      var samples = [UInt8](repeating: 0, count: width * height * 4)
      try samples.withUnsafeMutableBytes {
        try scaler.scale(frame, width: width, height: height, into: $0)
      }
      let whole = try Image.fromSamples(
        samples, width: width, height: height, bands: 4, interrupt: interrupt)
      let isOpaque = stride(from: 3, to: samples.count, by: 4).allSatisfy { samples[$0] == 255 }
      return isOpaque ? try whole.bands(0, count: 3).inMemory() : whole
    } catch let error as AVError {
      throw damaged(file, error.detail)
    }
  }

  private static func damaged(_ file: SourceFile, _ detail: String) -> SwaplineError {
    SwaplineError(
      .damaged, "\(file.name) (bmp) cannot be read: \(detail).",
      hint: "The file is cut off or damaged: download or export it again.")
  }
}
