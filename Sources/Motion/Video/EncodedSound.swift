import AV

/// A sound track that is encoded anew, while it grows.
final class EncodedSound {
  private let video: Video
  private let file: VideoFile
  private let decoder: Decoder
  private let encoder: AudioEncoder
  private let place: Int
  private let offset: Int64
  private let end: Int64?

  /// Encodes `stream` of `input` into `file` up to `end` microseconds.
  init(
    _ stream: StreamFacts, of input: InputFile, _ video: Video, into file: VideoFile,
    _ codec: AudioEncoder.Codec, end: Int64?
  ) throws {
    self.video = video
    self.file = file
    self.end = end
    let decoder = try video.reading { try Decoder(input, stream, threads: 1) }
    let encoder = try file.writing { try AudioEncoder(codec, from: decoder, for: file.output) }
    place = try file.writing { try file.output.add(encoder) }
    offset = stream.start - input.start
    self.decoder = decoder
    self.encoder = encoder
  }

  /// Takes the next packet of the stream.
  func take(_ packet: Packet) throws {
    try video.reading { try decoder.send(packet) }
    try encode()
  }

  /// Writes what is left.
  func finish() throws {
    try video.reading { try decoder.send(nil) }
    try encode()
    try file.writing { try encoder.finish { try file.output.write($0, stream: place) } }
  }

  private func encode() throws {
    while let frame = try video.reading({ try decoder.received() }) {
      let start = (frame.start ?? 0) + offset
      if let end, start >= end { return }
      try file.writing {
        try encoder.encode(frame, start: start) { try file.output.write($0, stream: place) }
      }
    }
  }
}
