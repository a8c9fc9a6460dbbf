import Core
import Glibc

/// The facts of pictures that are made in the plainest way that their format knows, from their own
/// bytes and without a library.
///
/// The reader gives either every fact as the libraries would, or nothing: whatever is unusual,
/// damaged or too large is theirs to judge and to name. So it may be strict, and it needs no errors.
/// docs/decisions/media-split.md says why.
package enum PlainPicture {
  /// Larger files go to the libraries, which read them in pieces.
  private static let longest = 64 << 20

  /// The facts of the file at `path` and the digest of the same bytes; nil where the file is not plain,
  /// or has more pixels, frames or bytes than allowed.
  package static func media(
    at path: String, maximumPixels: Int = .max, maximumFrames: Int = 10_000,
    maximumSize: Int64 = .max
  ) -> Media? {
    guard let bytes = read(path, Int(clamping: min(Int64(longest), maximumSize))) else {
      return nil
    }
    return media(of: bytes, maximumPixels: maximumPixels, maximumFrames: maximumFrames)
  }

  /// The facts of a file of these bytes; nil where it is not plain, or has more pixels or frames than
  /// allowed.
  package static func media(
    of bytes: [UInt8], maximumPixels: Int = .max, maximumFrames: Int = 10_000
  ) -> Media? {
    let file = PlainBytes(bytes)
    guard let format = MediaFormat.sniff(Array(bytes.prefix(MediaFormat.signatureLength))),
      let facts = facts(of: file, format), facts.width > 0, facts.height > 0,
      facts.width <= 65_500, facts.height <= 65_500,
      facts.width * facts.height <= maximumPixels, facts.delays.count <= maximumFrames
    else { return nil }
    var digester = Digester()
    bytes.withUnsafeBytes { digester.update($0) }
    return facts.media(format, size: Int64(bytes.count), digest: digester.finish())
  }

  private static func facts(of file: PlainBytes, _ format: MediaFormat) -> PlainFacts? {
    switch format {
    case .jpg: PlainJPEG.facts(file)
    case .png: PlainPNG.facts(file)
    case .webp: PlainWebP.facts(file)
    case .gif: PlainGIF.facts(file)
    default: nil
    }
  }

  /// Every byte of a regular file; nil for one of more than `most` bytes, or that changes meanwhile.
  private static func read(_ path: String, _ most: Int) -> [UInt8]? {
    // Non-blocking, so that opening a named pipe returns at once.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size > 0, status.st_size <= most
    else { return nil }
    let size = Int(status.st_size)
    // One byte more, to see whether there are more.
    let bytes = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
      while count < buffer.count {
        let got = Glibc.read(
          descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
        if got < 0, errno == EINTR { continue }
        guard got > 0 else { return }
        count += got
      }
    }
    return bytes.count == size ? bytes : nil
  }
}
