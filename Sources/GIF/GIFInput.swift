import CGIF
import Glibc

/// A file from its first byte on, in large pieces: giflib asks for a byte or a block at a time.
final class GIFInput {
  private let descriptor: Int32
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
  private var start = 0
  private var end = 0
  private let isStopped: () -> Bool

  /// How many bytes were handed out: the place of the next one in the file.
  private(set) var offset = 0
  /// The last byte that was handed out.
  private(set) var lastByte: UInt8 = 0
  /// Whether more bytes were asked for than there are.
  private(set) var isAtEnd = false
  /// Why reading failed or was stopped; nil as long as it did not.
  private(set) var failure: GIFError?

  init(_ path: String, isStopped: @escaping () -> Bool) throws(GIFError) {
    // Not blocking, so that a named pipe cannot hold the caller.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    self.isStopped = isStopped
    guard descriptor >= 0 else {
      throw GIFError(.unreadable(errno), "cannot be opened")
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    buffer.deallocate()
  }

  /// Copies the next bytes, as many as there are up to `count`.
  func read(_ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
    var done = 0
    while done < count {
      if start == end, !refill() { break }
      guard let source = buffer.baseAddress else { break }
      let piece = min(count - done, end - start)
      (target + done).copyMemory(from: source + start, byteCount: piece)
      start += piece
      done += piece
    }
    if done > 0 { lastByte = target.load(fromByteOffset: done - 1, as: UInt8.self) }
    offset += done
    return done
  }

  private func refill() -> Bool {
    guard failure == nil, !isAtEnd else { return false }
    guard !isStopped() else {
      failure = GIFError(.interrupted, "was not read to its end")
      return false
    }
    var got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    while got < 0, errno == EINTR {
      got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    }
    guard got >= 0 else {
      failure = GIFError(.unreadable(errno), "cannot be read at byte \(offset)")
      return false
    }
    (start, end) = (0, got)
    isAtEnd = got == 0
    return got > 0
  }
}

/// giflib's way to bytes. At file scope: it is called from C.
func readGIF(
  _ file: UnsafeMutablePointer<GifFileType>?, _ bytes: UnsafeMutablePointer<GifByteType>?,
  _ count: Int32
) -> Int32 {
  guard let data = file?.pointee.UserData, let bytes else { return 0 }
  let input = Unmanaged<GIFInput>.fromOpaque(data).takeUnretainedValue()
  return Int32(input.read(bytes, Int(count)))
}
