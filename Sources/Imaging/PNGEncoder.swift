import Core
import Deflate

/// Writes PNG: rows filtered by the smallest sum of differences, compressed by libdeflate.
///
/// libvips' own way costs four times as much for the same bytes: docs/decisions/stills.md.
/// Source: PNG specification, third edition, chapters 9 (filtering) and 11 (chunks).
struct PNGEncoder {
  /// libdeflate's level: above it time doubles for one byte in fifty.
  static let usualLevel = 4
  /// Half the time for two to seven bytes in a hundred more: for what somebody waits for.
  static let quickLevel = 1

  /// The file of `samples`: `bands` of 8 bits a pixel, rows without gaps; nil where libdeflate has no
  /// memory.
  static func encode(
    _ samples: UnsafeRawBufferPointer, width: Int, height: Int, bands: Int, xmp: [UInt8]?,
    level: Int = usualLevel
  ) -> [UInt8]? {
    guard let compressor = ZlibCompressor(level: level) else { return nil }
    let filtered = filter(samples, width: width, height: height, bands: bands)
    let data = filtered.withUnsafeBytes { compressor.compress($0) }
    // Gray, gray and opacity, colours, colours and opacity.
    let kind: UInt8 = [0, 4, 2, 6][bands - 1]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    file.reserveCapacity(data.count + 100 + (xmp?.count ?? 0))
    append("IHDR", four(UInt32(width)) + four(UInt32(height)) + [8, kind, 0, 0, 0], to: &file)
    if let xmp {
      append("iTXt", Array("XML:com.adobe.xmp".utf8) + [0, 0, 0, 0, 0] + xmp, to: &file)
    }
    append("IDAT", data, to: &file)
    append("IEND", [], to: &file)
    return file
  }

  private static func append(_ name: String, _ data: [UInt8], to file: inout [UInt8]) {
    file += four(UInt32(data.count))
    let name = Array(name.utf8)
    file += name
    file += data
    let start = name.withUnsafeBytes { ZlibCompressor.crc32($0) }
    file += four(data.withUnsafeBytes { ZlibCompressor.crc32($0, from: start) })
  }

  private static func four(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// The rows, each behind the number of its filter.
  private static func filter(
    _ samples: UnsafeRawBufferPointer, width: Int, height: Int, bands: Int
  ) -> [UInt8] {
    let stride = width * bands
    return [UInt8](unsafeUninitializedCapacity: (stride + 1) * height) { out, count in
      count = (stride + 1) * height
      guard let target = out.baseAddress else { return }
      do {
        guard let source = samples.bindMemory(to: UInt8.self).baseAddress else { return }
        let trials = UnsafeMutablePointer<UInt8>.allocate(capacity: stride * 4)
        // Pixels left of the first one and above the first row are zero.
        let zero = UnsafeMutablePointer<UInt8>.allocate(capacity: stride)
        zero.initialize(repeating: 0, count: stride)
        defer {
          trials.deallocate()
          zero.deallocate()
        }
        for y in 0..<height {
          let row = source + y * stride
          let above = y == 0 ? UnsafePointer(zero) : row - stride
          let chosen = RowFilter(row: row, above: above, stride: stride, bands: bands)
            .best(in: trials)
          let line = target + y * (stride + 1)
          line[0] = UInt8(chosen)
          (line + 1).update(from: trials + (chosen - 1) * stride, count: stride)
        }
      }
    }
  }
}

/// The four filters of one row.
private struct RowFilter {
  let row: UnsafePointer<UInt8>
  let above: UnsafePointer<UInt8>
  let stride: Int
  let bands: Int

  /// Fills `trials` with the row by filters 1 to 4, and gives the number of the one whose differences
  /// are smallest.
  func best(in trials: UnsafeMutablePointer<UInt8>) -> Int {
    subtract(into: trials)
    up(into: trials + stride)
    average(into: trials + 2 * stride)
    paeth(into: trials + 3 * stride)
    var best = (number: 1, sum: Int.max)
    for number in 1...4 {
      let sum = Self.sum(trials + (number - 1) * stride, stride)
      if sum < best.sum { best = (number, sum) }
    }
    return best.number
  }

  private static func sum(_ line: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var sum: UInt32 = 0
    for index in 0..<count {
      // Distance from zero of the difference as a number with a sign.
      sum &+= UInt32(min(line[index], 0 &- line[index]))
    }
    return Int(sum)
  }

  private func subtract(into out: UnsafeMutablePointer<UInt8>) {
    for index in 0..<min(bands, stride) { out[index] = row[index] }
    for index in min(bands, stride)..<stride { out[index] = row[index] &- row[index - bands] }
  }

  private func up(into out: UnsafeMutablePointer<UInt8>) {
    for index in 0..<stride { out[index] = row[index] &- above[index] }
  }

  private func average(into out: UnsafeMutablePointer<UInt8>) {
    for index in 0..<min(bands, stride) { out[index] = row[index] &- above[index] >> 1 }
    for index in min(bands, stride)..<stride {
      let mean = (UInt16(row[index - bands]) &+ UInt16(above[index])) >> 1
      out[index] = row[index] &- UInt8(truncatingIfNeeded: mean)
    }
  }

  private func paeth(into out: UnsafeMutablePointer<UInt8>) {
    for index in 0..<min(bands, stride) { out[index] = row[index] &- above[index] }
    for index in min(bands, stride)..<stride {
      let a = Int16(row[index - bands])
      let b = Int16(above[index])
      let c = Int16(above[index - bands])
      let (pa, pb) = (abs(b &- c), abs(a &- c))
      let pc = abs(a &+ b &- c &- c)
      let nearest = pa <= pb && pa <= pc ? a : pb <= pc ? b : c
      out[index] = row[index] &- UInt8(truncatingIfNeeded: nearest)
    }
  }
}
