import Core

/// The frames of an animated WebP. Source: RFC 9649, chunks `VP8X`, `ANIM` and `ANMF`.
struct AnimatedWebP {
  /// What the chunks say of the frames.
  private(set) var table: FrameTable

  /// Reads the chunks of `file` up to one frame more than `limit`; nil for a still picture. Throws for
  /// one that ends before its last frame does, with what is there.
  init?(_ file: SourceFile, limit: Int) throws(SwaplineError) {
    let bytes = try FileBytes(file.path)
    let end = Int(file.size)
    guard let head = bytes.bytes(0, 30), head.is("VP8X", at: 12) else { return nil }
    let moves = head.big(20, 1) & 2 != 0
    // Opacity that the header announces is libvips' to find.
    guard moves || head.big(20, 1) & 0x10 == 0 else { return nil }
    // How long the file says it is; what comes behind is not part of it.
    let wanted = head.little(4, 4) + 8
    table = FrameTable(
      width: head.little(24, 3) + 1, height: head.little(27, 3) + 1, delays: [], plays: 0)
    var (offset, isCut, clears) = (12, wanted > end, false)
    while offset + 8 <= wanted, let chunk = bytes.bytes(offset, 8) {
      let next = offset + 8 + chunk.little(4, 4)
      guard next <= min(wanted, end) else {
        isCut = true
        break
      }
      if chunk.is("ANIM", at: 0), let control = bytes.bytes(offset + 8, 6) {
        table.plays = control.little(4, 2)
      } else if chunk.is("ANMF", at: 0), let control = bytes.bytes(offset + 8, 16) {
        table.delays.append(control.little(12, 3))
        // What does not cover the canvas, is cleared before another frame, or has opacity that takes
        // the place of what is there, whatever the header says.
        let covers =
          control.little(6, 3) + 1 == table.width && control.little(9, 3) + 1 == table.height
        let isFirst = table.delays.count == 1
        let replaces = isFirst || control.big(15, 1) & 2 != 0
        table.mayBeClear =
          table.mayBeClear || clears || isFirst && !covers
          || replaces && Self.hasOpacity(at: offset + 24, bytes)
        clears = control.big(15, 1) & 1 != 0
        guard table.delays.count <= limit else { return }
      } else if !moves, chunk.is("VP8L", at: 0), Self.hasOpacity(at: offset, bytes) {
        table.delays = [0]
        table.mayBeClear = true
      }
      // Chunks begin at even places.
      offset = next + next % 2
    }
    let whole = table.delays.count == 1 ? "1 frame is" : "\(table.delays.count) frames are"
    // A still one is judged by libvips.
    guard moves || !isCut && !table.delays.isEmpty else { return nil }
    guard !isCut else {
      throw damaged(
        file,
        "is cut off: \(end) of at least \(max(wanted, end + 1)) bytes are there, in which \(whole) whole"
      )
    }
    guard !table.delays.isEmpty else {
      throw damaged(file, "is marked as animated, but holds no frames")
    }
  }

  /// Whether the picture whose chunks begin at `offset` says itself that it has opacity.
  private static func hasOpacity(at offset: Int, _ bytes: FileBytes) -> Bool {
    guard let chunk = bytes.bytes(offset, 13) else { return false }
    // A lossless picture: one bit behind its signature and its sides of 14 bits each.
    return chunk.is("ALPH", at: 0) || chunk.is("VP8L", at: 0) && chunk.big(12, 1) & 0x10 != 0
  }
}
