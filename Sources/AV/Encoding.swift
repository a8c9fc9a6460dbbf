import CAV

/// Hands `frame` to an encoder, nil behind the last one, and every packet that is then ready to `use`.
func encode(
  _ frame: UnsafeMutablePointer<AVFrame>?, with context: UnsafeMutablePointer<AVCodecContext>,
  into packet: Packet, _ use: (Packet) throws -> Void
) throws {
  let status = avcodec_send_frame(context, frame)
  guard status >= 0 else { throw AVError(.encode, "avcodec_send_frame", status) }
  while true {
    let status = avcodec_receive_packet(context, packet.pointer)
    if status == swapline_av_again() || status == swapline_av_end() { return }
    guard status >= 0 else { throw AVError(.encode, "avcodec_receive_packet", status) }
    try use(packet)
  }
}
