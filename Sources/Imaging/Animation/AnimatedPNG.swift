import Core

/// The frames of an animated PNG, which libvips does not see: it shows the first picture only.
/// Source: PNG specification, third edition, chunks `acTL`, `fcTL` and `fdAT`.
struct AnimatedPNG {
  /// What is done with one frame.
  struct Control: Equatable {
    var left: Int
    var top: Int
    var width: Int
    var height: Int
    /// 0 leaves the frame before the next one, 1 clears its area, 2 brings back what was there.
    var dispose: Int
    /// Whether it is mixed with what is there; else it takes its place.
    var blends: Bool
    /// The chunks of its pixels: where their contents begin and how long they are.
    var data: [Chunk] = []
  }

  /// The contents of a chunk of pixels, without the number that those of later frames begin with.
  struct Chunk: Equatable {
    var offset: Int
    var count: Int
    /// Whether a number of four bytes stands before it.
    var isNumbered: Bool
  }

  /// What the chunks say of the frames.
  private(set) var table: FrameTable
  /// Each frame's place.
  private(set) var controls: [Control] = []
  /// The chunks that every frame shares: the palette and what is clear.
  private(set) var shared: [(name: String, offset: Int, count: Int)] = []
  /// The contents of the header chunk, 13 bytes.
  private(set) var head: [UInt8] = []
  /// Whether the picture that is shown where animations are not known is none of the frames.
  private(set) var hidesPicture = false

  /// Reads the chunks of `file` up to one frame more than `limit`; nil for a PNG without frames. Throws
  /// for one that ends before its last frame does, with what is there.
  init?(_ file: SourceFile, limit: Int) throws(SwaplineError) {
    let bytes = try FileBytes(file.path)
    let end = Int(file.size)
    guard let head = bytes.bytes(8, 21), head.is("IHDR", at: 4) else { return nil }
    self.head = Array(head.values[8..<21])
    table = FrameTable(width: head.big(8, 4), height: head.big(12, 4), delays: [], plays: 0)
    var (offset, wanted, hasData, isWhole, cutsPixels) = (8, 0, false, false, false)
    while let chunk = bytes.bytes(offset, 8) {
      let next = offset + 12 + chunk.big(0, 4)
      let holdsPixels = chunk.is("IDAT", at: 4) || chunk.is("fdAT", at: 4)
      if chunk.is("IDAT", at: 4), wanted == 0 { return nil }
      guard next <= end else {
        cutsPixels = holdsPixels
        break
      }
      if chunk.is("IEND", at: 4) {
        isWhole = true
        break
      }
      if chunk.is("acTL", at: 4), let control = bytes.bytes(offset + 8, 8) {
        wanted = control.big(0, 4)
        table.plays = control.big(4, 4)
      } else if chunk.is("fcTL", at: 4), let control = bytes.bytes(offset + 8, 26) {
        if !controls.isEmpty, !hasData { break }
        take(control)
        hasData = false
        guard controls.count <= limit else { return }
      } else if holdsPixels {
        hidesPicture = hidesPicture || controls.isEmpty
        hasData = hasData || !controls.isEmpty
        // A numbered chunk belongs to a frame; pixels before the first frame are the hidden picture's.
        let isNumbered = chunk.is("fdAT", at: 4)
        let skipped = isNumbered ? 4 : 0
        if !controls.isEmpty, chunk.big(0, 4) >= skipped {
          controls[controls.count - 1].data.append(
            Chunk(
              offset: offset + 8 + skipped, count: chunk.big(0, 4) - skipped,
              isNumbered: isNumbered))
        }
      } else if let name = ["PLTE", "tRNS"].first(where: { chunk.is($0, at: 4) }) {
        shared.append((name, offset + 8, chunk.big(0, 4)))
      }
      offset = next
    }
    guard wanted > 0 else { return nil }
    let count = controls.isEmpty || hasData && !cutsPixels ? controls.count : controls.count - 1
    guard isWhole, count > 0, count >= wanted else {
      throw damaged(
        file,
        isWhole
          ? "is cut off: it announces \(wanted) frames and holds \(count)"
          : "is cut off at byte \(end): \(count) of its \(wanted) frames are whole")
    }
    if let beyond = controls.firstIndex(where: { !fits($0) }) {
      throw damaged(file, "is damaged: frame \(beyond + 1) reaches beyond the canvas or is empty")
    }
    let clears = controls.enumerated().contains { number, control in
      number < controls.count - 1
        && (control.dispose == 1 || control.dispose == 2 && number == 0)
    }
    let first = controls[0]
    let covers = first.width == table.width && first.height == table.height
    table.mayBeClear = clears || !covers
  }

  private func fits(_ control: Control) -> Bool {
    control.width > 0 && control.height > 0 && control.left + control.width <= table.width
      && control.top + control.height <= table.height
  }

  private mutating func take(_ control: FileBytes.Bytes) {
    controls.append(
      Control(
        left: control.big(12, 4), top: control.big(16, 4), width: control.big(4, 4),
        height: control.big(8, 4), dispose: control.big(24, 1), blends: control.big(25, 1) == 1))
    // Numerator and denominator of a second; a denominator of zero stands for 100.
    let parts = control.big(22, 2)
    table.delays.append(control.big(20, 2) * 1_000 / (parts == 0 ? 100 : parts))
  }
}
