/// Changes the frames of a moving picture, one after the other in their order.
package protocol FrameFilter: AnyObject {
  /// Changes the next frame in place: RGBA samples of 8 bits, `width * height * 4` bytes, upright.
  /// Whether anything was changed; a frame that was not stays as it was stored.
  func apply(_ samples: UnsafeMutableRawBufferPointer, width: Int, height: Int) throws -> Bool
  /// Called behind the last frame, before the file gets its name. Throws when there must be none.
  func check() throws
}
