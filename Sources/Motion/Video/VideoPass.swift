import AV
import Core
import Processing

/// Reads a video once for every file that is made of it; decodes it only when one of them is encoded.
struct VideoPass {
  let video: Video
  var meter: MediaProgress.Meter?

  /// Writes a file for every output; each is whole, synced and under its name when this returns.
  /// Nothing is still being written when it throws.
  func write(_ outputs: [VideoOutput]) throws {
    do {
      try read(for: outputs)
    } catch {
      for output in outputs { output.abandon(error) }
      throw error
    }
  }

  private func read(for outputs: [VideoOutput]) throws {
    let input = try video.reading { try video.fromStart() }
    input.keepOnly(Set([video.track.index] + video.sounds.map(\.index)))
    let encodes = outputs.contains(where: \.encodes)
    let decoder =
      try encodes
      ? video.reading { try Decoder(input, video.track, maximumPixels: video.limits.maximumPixels) }
      : nil
    for output in outputs { try output.start(input) }
    let end = outputs.allSatisfy { $0.end != nil } ? outputs.compactMap(\.end).max() : nil
    let offset = video.track.start - input.start
    let packet = try video.reading { try Packet() }
    var isPast = false
    var clock = SteadyClock()
    while try video.reading({ try input.read(into: packet) }) {
      try video.cancellation.check()
      let start = packet.start.map { $0 - input.start }
      if packet.stream == video.track.index { meter?.note(start ?? 0, of: input.duration ?? 0) }
      // Sound may stand behind the pictures that it belongs to.
      if let end, let start, start > end + 2_000_000 { break }
      for output in outputs { try output.copy(packet, start: start) }
      guard let decoder, packet.stream == video.track.index, !isPast else { continue }
      try video.reading { try decoder.send(packet) }
      isPast = try deliver(decoder, offset, outputs, end, &clock)
    }
    // What is cut off behind the end that is asked for is not missed.
    if !isPast { try video.checkWhole() }
    if let decoder, !isPast {
      try video.reading { try decoder.send(nil) }
      _ = try deliver(decoder, offset, outputs, end, &clock)
    }
    // 0 leaves the last picture as long as its own word is.
    let length = video.track.duration.map { $0 + offset } ?? input.duration ?? 0
    for output in outputs { try output.finish(at: length) }
  }

  /// Hands on what is decoded; true once nobody wants any more.
  private func deliver(
    _ decoder: Decoder, _ offset: Int64, _ outputs: [VideoOutput], _ end: Int64?,
    _ clock: inout SteadyClock
  ) throws -> Bool {
    while let frame = try video.reading({ try decoder.received() }) {
      let start = clock.start(frame.start.map { $0 + offset }, lasting: frame.duration)
      if let end, start >= end { return true }
      for output in outputs where output.encodes { try output.take(frame, start: start) }
    }
    return false
  }
}
