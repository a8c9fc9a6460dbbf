import CVips
import Cancelling

extension Cancellation {
  /// Makes `image`, and whatever is computed from it, stop at its next strip of pixels.
  func watch(_ image: UnsafeMutablePointer<VipsImage>) {
    swapline_vips_watch(
      image, stopWhenCancelled, Unmanaged.passRetained(self).toOpaque(), releaseCancellation)
  }
}

/// Called by libvips on its own threads, between two strips of pixels.
private func stopWhenCancelled(
  image: UnsafeMutablePointer<VipsImage>, progress: UnsafeMutablePointer<VipsProgress>,
  data: UnsafeMutableRawPointer
) {
  guard Unmanaged<Cancellation>.fromOpaque(data).takeUnretainedValue().isCancelled else { return }
  vips_image_set_kill(image, 1)
  // The picture that is being computed now checks its own mark, not the one of its source.
  if let computed = progress.pointee.im { vips_image_set_kill(computed, 1) }
}

private func releaseCancellation(
  data: UnsafeMutableRawPointer, closure: UnsafeMutablePointer<GClosure>?
) {
  Unmanaged<Cancellation>.fromOpaque(data).release()
}
