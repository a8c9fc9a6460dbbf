import CAV

/// A piece of encoded pictures or sound. Not `Sendable`: one thread at a time.
package final class Packet {
  let pointer: UnsafeMutablePointer<AVPacket>

  /// An empty packet.
  package init() throws(AVError) {
    var made = av_packet_alloc()
    guard let pointer = made else {
      made = nil
      throw AVError(.memory, "av_packet_alloc", swapline_av_no_memory())
    }
    self.pointer = pointer
  }

  /// A packet with the bytes of `other`, which it shares.
  package convenience init(referring other: Packet) throws(AVError) {
    try self.init()
    let status = av_packet_ref(pointer, other.pointer)
    guard status >= 0 else { throw AVError(.memory, "av_packet_ref", status) }
    start = other.start
    duration = other.duration
  }

  deinit {
    var freeing: UnsafeMutablePointer<AVPacket>? = pointer
    av_packet_free(&freeing)
  }

  /// The stream it belongs to.
  package var stream: Int { Int(pointer.pointee.stream_index) }
  /// The bytes in it.
  package var size: Int { Int(pointer.pointee.size) }
  /// The encoded bytes.
  package var bytes: [UInt8] {
    guard let data = pointer.pointee.data else { return [] }
    return Array(UnsafeBufferPointer(start: data, count: size))
  }
  /// When it is shown, in microseconds of the file's own clock; nil where nothing says so.
  package internal(set) var start: Int64?
  /// How long it is shown, in microseconds; 0 where nothing says so.
  package internal(set) var duration: Int64 = 0
  /// Whether it is only there so that later ones can be decoded, because an edit list leaves it out.
  package var isHidden: Bool { pointer.pointee.flags & AV_PKT_FLAG_DISCARD != 0 }
  /// Whether the file ends within it.
  package var isCut: Bool { pointer.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 }
  /// Whether decoding can begin here.
  package var isKey: Bool { pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
}
