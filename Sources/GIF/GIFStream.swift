import CGIF

/// The place of one frame on the canvas, and how its pixels are stored.
package struct GIFPlace: Sendable, Hashable {
  package var left: Int
  package var top: Int
  package var width: Int
  package var height: Int
  /// Whether rows are stored in four passes.
  package var isInterlaced: Bool

  /// Pixels of the frame.
  package var count: Int { width * height }
}

/// What is done with a frame: a GIF's graphic control extension.
package struct GIFControl: Sendable, Hashable {
  /// How long it is shown, in hundredths of a second, as stored.
  package var delay = 0
  /// What happens before the next frame: 2 clears the frame's area, 3 brings back what was there
  /// before; everything else leaves it.
  package var disposal = 0
  /// The place in the palette that leaves pixels as they are; nil without one.
  package var clear: Int?
}

/// A GIF's blocks, one after the other, by giflib: nothing is kept of those that were passed.
///
/// Not `Sendable`: one thread at a time.
final class GIFStream {
  /// One block.
  enum Block {
    case control(GIFControl)
    case image(GIFPlace)
    /// An application's name of 11 bytes and its first block.
    case application(name: [UInt8], data: [UInt8])
    case other
    case end
  }

  let input: GIFInput
  private let file: UnsafeMutablePointer<GifFileType>
  private let expander = CodeExpander()

  /// The canvas as the header has it.
  var screen: (width: Int, height: Int) {
    (Int(file.pointee.SWidth), Int(file.pointee.SHeight))
  }

  init(_ path: String, isStopped: @escaping () -> Bool) throws(GIFError) {
    let input = try GIFInput(path, isStopped: isStopped)
    self.input = input
    var code: Int32 = 0
    guard let file = DGifOpen(Unmanaged.passUnretained(input).toOpaque(), readGIF, &code) else {
      throw input.failure
        ?? (input.isAtEnd
          ? GIFError(.cutOff, "is cut off in its header, at byte \(input.offset)")
          : GIFError(.damaged, "is damaged: giflib cannot read its header (code \(code))"))
    }
    self.file = file
  }

  deinit {
    DGifCloseFile(file, nil)
  }

  /// The next block. Throws `.cutOff` where the file ends inside of one; behind the last whole
  /// block, without an end marker, that is where `isBetweenBlocks` holds.
  func next() throws(GIFError) -> Block {
    var type = UNDEFINED_RECORD_TYPE
    while true {
      let start = input.offset
      isBetweenBlocks = true
      guard DGifGetRecordType(file, &type) == GIF_OK else {
        if input.failure == nil, !input.isAtEnd, file.pointee.Error == D_GIF_ERR_WRONG_RECORD {
          // Zeros between blocks are filling.
          if lastByte == 0 { continue }
          let byte = "0x" + String(lastByte, radix: 16)
          throw GIFError(.damaged, "\(byte) at byte \(start) begins no block of a GIF")
        }
        throw ended
      }
      isBetweenBlocks = false
      switch type {
      case IMAGE_DESC_RECORD_TYPE: return try image()
      case EXTENSION_RECORD_TYPE: return try extended()
      case TERMINATE_RECORD_TYPE: return .end
      default: continue
      }
    }
  }

  /// Whether the file ended behind a whole block.
  private(set) var isBetweenBlocks = false

  /// The colours of the frame that came last, as 0xAABBGGRR; opaque black beyond its palette.
  var palette: [UInt32] {
    var colors = [UInt32](repeating: 0xFF00_0000, count: 256)
    guard let map = file.pointee.Image.ColorMap ?? file.pointee.SColorMap else { return colors }
    for place in 0..<min(256, Int(map.pointee.ColorCount)) {
      let color = map.pointee.Colors[place]
      colors[place] =
        UInt32(color.Red) | UInt32(color.Green) << 8 | UInt32(color.Blue) << 16 | 0xFF00_0000
    }
    return colors
  }

  /// Passes over the pixels of the frame that came last without decoding them.
  func skipPixels() throws(GIFError) {
    var block: UnsafeMutablePointer<GifByteType>?
    repeat {
      guard DGifGetCodeNext(file, &block) == GIF_OK else { throw ended }
    } while block != nil
  }

  /// Decodes the pixels of the frame that came last: places in its palette, in the order in which
  /// rows are stored. `pixels` has room for all of them.
  func decodePixels(into pixels: UnsafeMutableBufferPointer<UInt8>) throws(GIFError) {
    var isRead = true
    let ending = expander.expand(bits: bits, into: pixels) {
      var code: Int32 = 0
      isRead = DGifGetLZCodes(file, &code) == GIF_OK
      return isRead ? Int(code) : -1
    }
    switch ending {
    case .whole: try skipPixels()
    case .short where !isRead && (input.failure != nil || input.isAtEnd): throw ended
    case .short(let count):
      throw GIFError(
        .damaged,
        "its data ends after \(count) of \(pixels.count) pixels, before byte \(input.offset)")
    case .undefined(let count):
      throw GIFError(
        .damaged,
        "an undefined LZW code after \(count) of \(pixels.count) pixels, before byte "
          + "\(input.offset)")
    }
  }

  private var bits = 2

  private func image() throws(GIFError) -> Block {
    guard DGifGetImageHeader(file) == GIF_OK else {
      if input.failure != nil || input.isAtEnd { throw ended }
      throw GIFError(
        .damaged, "its LZW code size is \(lastByte), before byte \(input.offset); 8 is the largest")
    }
    // The byte that giflib read last is the size of codes.
    bits = Int(input.lastByte)
    let image = file.pointee.Image
    return .image(
      GIFPlace(
        left: Int(image.Left), top: Int(image.Top), width: Int(image.Width),
        height: Int(image.Height), isInterlaced: image.Interlace))
  }

  private func extended() throws(GIFError) -> Block {
    var (function, block): (Int32, UnsafeMutablePointer<GifByteType>?) = (0, nil)
    guard DGifGetExtension(file, &function, &block) == GIF_OK else {
      throw ended
    }
    let first = Self.bytes(block)
    let isXMP = function == APPLICATION_EXT_FUNC_CODE && first == Array("XMP DataXMP".utf8)
    var second: [UInt8]?
    while block != nil {
      guard DGifGetExtensionNext(file, &block) == GIF_OK else { throw ended }
      guard let block else { break }
      if second == nil {
        second = Self.bytes(block)
        // Source: XMP Specification Part 3, section 1.1.2: a packet stands there as it is, and what
        // look like lengths are letters of it.
        if isXMP { second?.insert(block[0], at: 0) }
      } else if isXMP, second.map({ $0.count < 1 << 20 }) == true {
        second?.append(block[0])
        second?.append(contentsOf: Self.bytes(block))
      }
    }
    // Behind the packet stand 1, 255, 254 and so on, which no text contains, so that every length leads
    // to its end.
    if isXMP { second = second.map { Array($0.prefix { $0 != 1 && $0 < 0xFE }) } }
    switch function {
    case GRAPHICS_EXT_FUNC_CODE where first.count >= 4:
      return .control(
        GIFControl(
          delay: Int(first[1]) | Int(first[2]) << 8, disposal: Int(first[0] >> 2 & 7),
          clear: first[0] & 1 == 1 ? Int(first[3]) : nil))
    case APPLICATION_EXT_FUNC_CODE:
      return .application(name: first, data: second ?? [])
    default:
      return .other
    }
  }

  /// A block with its length in front, as giflib hands it out.
  private static func bytes(_ block: UnsafeMutablePointer<GifByteType>?) -> [UInt8] {
    guard let block else { return [] }
    return Array(UnsafeBufferPointer(start: block + 1, count: Int(block[0])))
  }

  private var lastByte: UInt8 { input.lastByte }

  private var ended: GIFError {
    input.failure ?? GIFError(.cutOff, "the file ends at byte \(input.offset)")
  }
}
