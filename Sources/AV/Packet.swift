import CAV

/// A piece of encoded pictures or sound. Not `Sendable`: one thread at a time.
public final class Packet {
  let pointer: UnsafeMutablePointer<AVPacket>

  /// An empty packet.
  public init() throws(AVError) {
    var made = av_packet_alloc()
    guard let pointer = made else {
      made = nil
      throw AVError(.memory, "av_packet_alloc", swapline_av_no_memory())
    }
    self.pointer = pointer
  }

  deinit {
    var freeing: UnsafeMutablePointer<AVPacket>? = pointer
    av_packet_free(&freeing)
  }

  /// The stream it belongs to.
  public var stream: Int { Int(pointer.pointee.stream_index) }
  /// The bytes in it.
  public var size: Int { Int(pointer.pointee.size) }
  /// Whether decoding can begin here.
  public var isKey: Bool { pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
}
