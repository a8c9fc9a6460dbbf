import Containers
import Core
import Glibc
import Imaging
import Motion
import Processing

/// Brings a file within limits and cuts what is private out of it.
struct NormalizeWork {
  let room: Workroom

  func perform(_ request: NormalizeRequest) throws -> NormalizeAnswer {
    let answer = try limited(try fitsOnceCut(request) ?? request)
    return try MetadataCut(request: request, room: room).apply(to: answer)
  }

  private func limited(_ request: NormalizeRequest) throws -> NormalizeAnswer {
    try room.motion.normalize(request, cancellation: room.cancellation)
      ?? room.imaging.normalize(request, cancellation: room.cancellation)
  }

  /// The request without its limit of bytes, where a file that passes all other limits holds it by
  /// the cut alone: its pixels need not be encoded anew for a thumbnail's bytes. Nil for all others.
  private func fitsOnceCut(_ request: NormalizeRequest) throws -> NormalizeRequest? {
    var status = stat()
    guard let limit = request.limits.maximumSize, request.metadata == .strip,
      stat(request.file, &status) == 0, Int64(status.st_size) > limit.bytes
    else { return nil }
    var eased = request
    eased.limits.maximumSize = nil
    eased.isPreview = true
    let foreseen = try limited(eased)
    guard foreseen.changes.isEmpty,
      let strip = try? MetadataStrip(
        of: request.file, format: foreseen.media.format, rights: foreseen.media.rights),
      strip.size <= limit.bytes
    else { return nil }
    eased.isPreview = request.isPreview
    return eased
  }
}
