import Core
import Imaging
import Processing

/// Writes an animated GIF: a palette for every window of frames where it helps, cropped
/// differences, equal neighbours merged, delays whose sum is exact.
final class GIFWriter: FrameWriter {
  /// Frames that are in memory at once, and share a palette.
  static let window = 25
  /// The shortest delay in hundredths of a second that every player honours.
  static let shortest = 2

  /// The longest delay that the format holds, in hundredths of a second.
  static let longest: Int64 = 65_535

  /// How many frames stand twice or more, because they are shown for longer than one can be.
  private(set) var repeated = 0
  /// How many frames came that showed what was there already, or for too short a time.
  private(set) var merged = 0

  private let file: ByteFile
  private let loops: Int
  private let hasAlpha: Bool
  private let size: Size?
  private let rights: Rights?
  private let keepsFrames: Bool
  /// Frames that are not scaled yet; few, because they may be large.
  private var raw: [Frame] = []
  private var waiting: [Frame] = []
  private var last: (frame: Frame, map: ColorMap)?
  private var global: ColorMap?
  private var pending: GIFFrame?
  /// Whether the canvas is clear when the next frame comes.
  private var wasCleared = false
  private var written: Int64 = 0

  /// A writer to `output`, played `loops` times; 0 is for ever. `base` is the name that the request
  /// gave, where `output` has an extension added to it.
  ///
  /// Frames are scaled to `size` where one is given. With `keepsFrames` every frame stays one, also
  /// one that shows what was there already or for no time at all.
  init(
    _ output: String, base: String? = nil, loops: Int, hasAlpha: Bool,
    size: Size? = nil, rights: Rights? = nil, keepsFrames: Bool = false
  ) throws {
    self.rights = rights
    self.keepsFrames = keepsFrames
    self.size = size
    file = try ByteFile(output, base: base)
    self.loops = loops
    self.hasAlpha = hasAlpha
  }

  func add(_ frame: Frame) throws {
    raw.append(frame)
    if raw.count == 4 { try scale() }
  }

  func finish() throws {
    try scale()
    try flush()
    if let pending { try write(pending) }
    try file.write([0x3B])
    try file.finish()
  }

  private func scale() throws {
    let scaled = try size.map { try raw.scaled(width: $0.width, height: $0.height) } ?? raw
    raw = []
    for frame in scaled {
      waiting.append(frame)
      if waiting.count == Self.window { try flush() }
    }
  }

  private func flush() throws {
    guard let first = waiting.first else { return }
    let map = palette()
    if global == nil {
      global = map
      try header(first, map.palette)
    }
    map.prepare(waiting)
    // Files often declare a clear colour that only leaves pixels as they were.
    let clears = hasAlpha && waiting.contains { !$0.isOpaque }
    if clears, !wasCleared { try clearPending() }
    let window = GIFWindow(
      frames: waiting, previous: wasCleared ? nil : last?.frame,
      previousMap: wasCleared ? nil : last?.map, map: map, isGlobal: map === global,
      hasAlpha: clears)
    wasCleared = clears
    for (frame, encoded) in zip(waiting, window.encoded()) {
      try take(encoded ?? (keepsFrames ? window.unchanged(frame) : nil), frame)
    }
    last = waiting.last.map { ($0, map) }
    waiting = []
  }

  /// Makes the last opaque frame one that is cleared whole before the next, which has holes.
  private func clearPending() throws {
    guard let end = pending?.end, let last else { return }
    let window = GIFWindow(
      frames: [last.frame], previous: nil, previousMap: nil, map: last.map,
      isGlobal: last.map === global, hasAlpha: true)
    guard var whole = window.encoded().first ?? nil else { return }
    whole.end = end
    pending = whole
  }

  /// The file's palette as long as it does nearly as well as one of this window's own.
  private func palette() -> ColorMap {
    var histogram = Histogram(exactLimit: 255)
    let pixels = waiting.reduce(0) { $0 + $1.width * $1.height }
    // A prime step, so that samples do not stand in columns.
    let steps = [1, 3, 7, 13, 29, 61, 127]
    let step = steps.last { pixels / $0 > 400_000 } ?? 1
    for frame in waiting { histogram.add(frame, step: step) }
    if let exact = histogram.exact {
      let colors = exact.sorted()
      if let global, Set(global.palette.colors).isSuperset(of: colors) { return global }
      return ColorMap(Palette(colors.isEmpty ? [0] : colors), isExact: true)
    }
    let cells = histogram.cells
    let own = Palette(cells, count: 255)
    if let global, !global.isExact, global.palette.error(cells) <= own.error(cells) * 1.1 {
      return global
    }
    return ColorMap(own, isExact: false)
  }

  private func take(_ encoded: GIFFrame?, _ frame: Frame) throws {
    let end = frame.start + frame.duration
    guard let encoded else {
      pending?.end = end
      merged += 1
      return
    }
    if let pending { try write(pending) }
    pending = encoded
  }

  /// Writes a frame with the delay that brings the sum closest to its exact end.
  private func write(_ frame: GIFFrame) throws {
    let least = Int64(keepsFrames ? 0 : Self.shortest)
    var delay = max(least, (frame.end + 5_000) / 10_000 - written)
    written += delay
    if keepsFrames { delay = min(delay, Self.longest) }
    while delay > Self.longest {
      var copy = frame
      copy.disposal = 1
      // A part that is long enough stays for the last one.
      let part = min(Self.longest, delay - least)
      try file.write(copy.bytes(delay: Int(part)))
      delay -= part
      repeated += 1
    }
    try file.write(frame.bytes(delay: Int(delay)))
  }

  private func header(_ frame: Frame, _ palette: Palette) throws {
    func two(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8 & 255)] }
    let transparent = palette.colors.count
    var bytes = Array("GIF89a".utf8) + two(frame.width) + two(frame.height)
    let depth = UInt8(palette.depth(with: transparent) - 1)
    bytes += [0x80 | 0x70 | depth, 0, 0] + palette.table(with: transparent)
    if loops != 1 {
      // The count is that of repetitions: a file without the block is played once.
      bytes += [0x21, 0xFF, 11] + Array("NETSCAPE2.0".utf8) + [3, 1]
      bytes += two(loops == 0 ? 0 : min(loops - 1, 65_535)) + [0]
    }
    if let packet = rights.flatMap({ XMPPacket.bytes($0) }) {
      // Source: XMP Specification Part 3, section 1.1.2: the packet as it is, and a trailer through
      // which readers of blocks find their way out of it.
      bytes += [0x21, 0xFF, 11] + Array("XMP DataXMP".utf8) + packet
      bytes += [0x01] + (0...255).reversed().map { UInt8($0) } + [0]
    }
    try file.write(bytes)
  }
}

extension GIFWriter {
  var scalesFrames: Bool { true }

  func changes(of count: Int) -> [Change] {
    var changes: [Change] = []
    if merged > 0 {
      changes.append(
        Change(
          .frames, from: "\(count) frames", to: "\(count - merged) frames",
          reason: "equal neighbours are one frame"))
    }
    if repeated > 0 {
      changes.append(
        Change(
          .frames, from: "frames shown for longer than 655 s",
          to: "the same frame \(repeated) times more",
          reason: "gif shows no frame for longer"))
    }
    return changes
  }
}
