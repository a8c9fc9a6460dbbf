import Core
import WebP

/// Writes an animated WebP. libwebp crops to what changes and merges equal neighbours itself.
final class WebPWriter: FrameWriter {
  private let output: String
  private let base: String?
  private let loops: Int
  private let quality: Int
  private let isLossless: Bool
  private let rights: Rights?
  private var encoder: AnimationEncoder?
  private var end: Int64 = 0

  /// A writer to `output`, played `loops` times; 0 is for ever.
  init(
    _ output: String, base: String? = nil, loops: Int, quality: Int, isLossless: Bool = false,
    rights: Rights? = nil
  ) {
    self.rights = rights
    self.output = output
    self.base = base
    self.loops = loops
    self.quality = quality
    self.isLossless = isLossless
  }

  func add(_ frame: Frame) throws {
    guard max(frame.width, frame.height) <= MediaFormat.webp.maximumSide else {
      throw SwaplineError(
        .limit,
        "An animation of \(frame.width)x\(frame.height) pixels does not fit into webp, whose sides "
          + "have \(MediaFormat.webp.maximumSide) at most.",
        hint: "Ask for a smaller one, or for another format.")
    }
    try encoding {
      let encoder =
        try self.encoder
        ?? AnimationEncoder(
          width: frame.width, height: frame.height, loops: loops, quality: quality,
          isLossless: isLossless)
      self.encoder = encoder
      try encoder.add(
        UnsafeRawBufferPointer(frame.pixels), at: Int((frame.start + 500) / 1_000))
    }
    end = frame.start + frame.duration
  }

  func finish() throws {
    let file = try ByteFile(output, base: base)
    try encoding {
      let bytes =
        try encoder?.finish(
          at: Int((end + 500) / 1_000), xmp: rights.flatMap { XMPPacket.bytes($0) }) ?? []
      try file.write(bytes)
    }
    try file.finish()
  }

  private func encoding(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as WebPError {
      let detail = error.detail.isEmpty ? error.operation : error.detail
      throw SwaplineError(
        .limit, "The animation cannot be written as webp: libwebp says \"\(detail)\".",
        hint: "Ask for a smaller one with fewer frames, or for another format.")
    }
  }
}
