import Core
import Processing
import Vips

/// Measures files.
struct Prober {
  let cancellation: Cancellation

  /// The facts of a file, from its bytes alone.
  func probe(_ request: ProbeRequest) throws -> Media {
    let header = try Header.read(request.file, limits: request.limits)
    if request.decodesFully {
      try interruptible(cancellation) { interrupt in
        guard try !decodeFrames(header, interrupt) else { return }
        try header.file.reading { try header.open(interrupt: interrupt).decodeAll() }
      }
    }
    return try media(of: header)
  }

  /// Decodes every frame of what may move and keeps none; false for what cannot.
  private func decodeFrames(_ header: Header, _ interrupt: Interrupt) throws -> Bool {
    guard let frames = try FrameSource(header, isStopped: { interrupt.isStopped }) else {
      return false
    }
    let samples = UnsafeMutableRawBufferPointer.allocate(
      byteCount: frames.width * frames.height * 4, alignment: 64)
    defer { samples.deallocate() }
    while try frames.next(into: samples) {}
    return true
  }

  /// The facts of a file whose header was read.
  func media(of header: Header) throws -> Media {
    let isAnimation = header.frames > 1
    let duration = header.delays.map { Double($0.reduce(0, +)) / 1_000 }
    let rate = duration.flatMap { $0 > 0 ? Double(header.frames) / $0 : nil }
    return Media(
      kind: isAnimation ? .animation : .image, format: header.file.format, width: header.width,
      height: header.height, size: header.file.size, digest: try header.file.digest(cancellation),
      frames: header.frames, delays: header.delays, duration: duration, hasAlpha: header.hasAlpha,
      colorModel: header.colorModel, profile: header.profileName, bitDepth: header.bitDepth,
      orientation: header.orientation, loops: header.loops, frameRate: rate,
      rights: header.rights, remarks: header.remarks.isEmpty ? nil : header.remarks)
  }
}
