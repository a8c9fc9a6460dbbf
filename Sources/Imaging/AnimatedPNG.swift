import Core
import Glibc

/// The frames of an animated PNG, which libvips does not see: it shows the first picture only.
/// Source: PNG specification, third edition, chunks `acTL` and `fcTL`.
struct AnimatedPNG {
  /// Each frame's delay in milliseconds.
  private(set) var delays: [Int] = []
  /// How often it is played; 0 is for ever.
  let plays: Int

  /// Reads the frames of the file at `path`, one more than `limit` at most; nil for a still
  /// picture.
  init?(_ path: String, limit: Int) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var offset: off_t = 8
    var plays: Int?
    while let chunk = Bytes(descriptor, offset, 8), !chunk.is("IEND", at: 4) {
      if chunk.is("IDAT", at: 4), plays == nil { return nil }
      if chunk.is("acTL", at: 4) { plays = Bytes(descriptor, offset + 8, 8)?.number(4, 4) ?? 0 }
      if chunk.is("fcTL", at: 4), let control = Bytes(descriptor, offset + 8, 26) {
        // Numerator and denominator of a second; a denominator of zero stands for 100.
        let parts = control.number(22, 2)
        delays.append(control.number(20, 2) * 1_000 / (parts == 0 ? 100 : parts))
        if delays.count > limit { break }
      }
      offset += off_t(12 + chunk.number(0, 4))
    }
    guard let plays, delays.count > 1 else { return nil }
    self.plays = plays
  }

  /// A few bytes of a file.
  private struct Bytes {
    private var bytes: [UInt8]

    init?(_ descriptor: Int32, _ offset: off_t, _ count: Int) {
      bytes = [UInt8](repeating: 0, count: count)
      guard pread(descriptor, &bytes, count, offset) == count else { return nil }
    }

    func `is`(_ name: String, at offset: Int) -> Bool {
      bytes[offset...].starts(with: name.utf8)
    }

    func number(_ offset: Int, _ count: Int) -> Int {
      bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }
  }
}
