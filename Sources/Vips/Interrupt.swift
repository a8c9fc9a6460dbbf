import CVips
import Synchronization

/// Stops the computing of pictures that were opened with it, from any thread.
public final class Interrupt: Sendable {
  private let flag = Atomic(false)

  /// An interrupt that nobody has asked for yet.
  public init() {}

  /// Stops running work at its next strip of pixels, and every later one at once.
  public func stop() { flag.store(true, ordering: .relaxed) }

  /// Whether `stop` was called.
  public var isStopped: Bool { flag.load(ordering: .relaxed) }

  /// Makes `image`, and whatever is computed from it, stop when this interrupt says so.
  func watch(_ image: UnsafeMutablePointer<VipsImage>) {
    swapline_vips_watch(
      image, stopWhenAsked, Unmanaged.passRetained(self).toOpaque(), releaseInterrupt)
  }
}

/// Called by libvips on its own threads, between two strips of pixels.
private func stopWhenAsked(
  image: UnsafeMutablePointer<VipsImage>, progress: UnsafeMutablePointer<VipsProgress>,
  data: UnsafeMutableRawPointer
) {
  guard Unmanaged<Interrupt>.fromOpaque(data).takeUnretainedValue().isStopped else { return }
  vips_image_set_kill(image, 1)
  // The picture that is being computed now checks its own mark, not the one of its source.
  if let computed = progress.pointee.im { vips_image_set_kill(computed, 1) }
}

private func releaseInterrupt(
  data: UnsafeMutableRawPointer, closure: UnsafeMutablePointer<GClosure>?
) {
  Unmanaged<Interrupt>.fromOpaque(data).release()
}
