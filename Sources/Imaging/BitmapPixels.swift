/// The pixels of a BMP as red, green, blue and, where some pixel is not clear, opacity.
struct BitmapPixels {
  private let header: BitmapHeader
  private let bytes: [UInt8]
  private let palette: [UInt8]
  /// Samples, `bands` a pixel, rows from top to bottom.
  private(set) var samples: [UInt8] = []
  /// 3, or 4 with opacity.
  private(set) var bands = 3

  /// The pixels behind `header`, which was found sound.
  init(_ header: BitmapHeader, _ bytes: [UInt8]) {
    self.header = header
    self.bytes = bytes
    palette = header.palette(in: bytes)
  }

  /// Reads them all; gives the number of rows that are there when the file ends before the last one.
  mutating func read() -> Int? {
    if header.coding == .runs { return readRuns() }
    if header.masks[3] != 0 {
      bands = 4
      readPlain()
      // Programs that know of no opacity leave its bits at zero.
      guard !stride(from: 3, to: samples.count, by: 4).contains(where: { samples[$0] != 0 }) else {
        return nil
      }
      bands = 3
    }
    readPlain()
    return nil
  }

  private mutating func readPlain() {
    let (header, bytes, palette, bands) = (header, bytes, palette, bands)
    let fields = header.masks.map { Field($0) }
    samples = [UInt8](unsafeUninitializedCapacity: header.width * header.height * bands) {
      out, count in
      count = header.width * header.height * bands
      bytes.withUnsafeBufferPointer { source in
        for row in 0..<header.height {
          let stored = header.isTopDown ? row : header.height - 1 - row
          var at = row * header.width * bands
          let start = header.offset + stored * header.stride
          for x in 0..<header.width {
            switch header.bits {
            case 24:
              let place = start + 3 * x
              (out[at], out[at + 1], out[at + 2]) = (
                source[place + 2], source[place + 1], source[place]
              )
            case 16, 32:
              let place = start + x * header.bits / 8
              var value = UInt32(source[place]) | UInt32(source[place + 1]) << 8
              if header.bits == 32 {
                value |= UInt32(source[place + 2]) << 16 | UInt32(source[place + 3]) << 24
              }
              for band in 0..<bands { out[at + band] = fields[band].sample(value) }
            default:
              let bit = x * header.bits
              let shift = 8 - header.bits - bit % 8
              let index = Int(source[start + bit / 8]) >> shift & (1 << header.bits - 1)
              for band in 0..<3 { out[at + band] = palette[index * 3 + band] }
            }
            at += bands
          }
        }
      }
    }
  }

  /// Run-length coding; pixels that no run covers have the first colour of the palette.
  private mutating func readRuns() -> Int? {
    let (width, height, bits) = (header.width, header.height, header.bits)
    let unit = bits == 24 ? 3 : 1
    let blank = bits == 24 ? [0, 0, 0] : Array(palette.prefix(3))
    samples = [UInt8](repeating: 0, count: width * height * 3)
    if blank != [0, 0, 0] {
      for at in 0..<samples.count { samples[at] = blank[at % 3] }
    }
    var (at, x, y) = (header.offset, 0, 0)
    while y < height {
      guard at + 2 <= bytes.count else { return y }
      let (count, value) = (Int(bytes[at]), Int(bytes[at + 1]))
      at += 2
      if count > 0 {
        guard at - 1 + unit <= bytes.count else { return y }
        for index in 0..<count { put(at - 1, nibble: index, &x, y) }
        at += unit - 1
        continue
      }
      switch value {
      case 0: (x, y) = (0, y + 1)
      case 1: return nil
      case 2:
        guard at + 2 <= bytes.count else { return y }
        (x, y) = (x + Int(bytes[at]), y + Int(bytes[at + 1]))
        at += 2
      default:
        let length = bits == 4 ? (value + 1) / 2 : value * unit
        guard at + length <= bytes.count else { return y }
        for index in 0..<value {
          put(at + (bits == 4 ? index / 2 : index * unit), nibble: index, &x, y)
        }
        at += length + length % 2
      }
    }
    return nil
  }

  /// Writes the pixel whose value stands at `place`, in 4-bit coding the upper or lower half of it.
  private mutating func put(_ place: Int, nibble: Int, _ x: inout Int, _ y: Int) {
    defer { x += 1 }
    guard x < header.width else { return }
    let row = header.isTopDown ? y : header.height - 1 - y
    let target = (row * header.width + x) * 3
    if header.bits == 24 {
      for band in 0..<3 { samples[target + band] = bytes[place + 2 - band] }
      return
    }
    let byte = Int(bytes[place])
    let index = header.bits == 8 ? byte : nibble % 2 == 0 ? byte >> 4 : byte & 15
    for band in 0..<3 { samples[target + band] = palette[index * 3 + band] }
  }

  /// The bits of one sample in a pixel.
  private struct Field {
    private let mask: UInt32
    private let shift: UInt32
    private let table: [UInt8]

    init(_ mask: UInt32) {
      self.mask = mask
      let low = mask == 0 ? 0 : UInt32(mask.trailingZeroBitCount)
      let width = mask == 0 ? 0 : 32 - UInt32(mask.leadingZeroBitCount) - low
      // More than 8 bits say nothing that 8 cannot.
      shift = low + (width > 8 ? width - 8 : 0)
      let most = 1 << Int(min(width, 8)) - 1
      table = (0...most).map { most == 0 ? 0 : UInt8(($0 * 255 + most / 2) / most) }
    }

    func sample(_ pixel: UInt32) -> UInt8 {
      table[Int((pixel & mask) >> shift) & (table.count - 1)]
    }
  }
}
