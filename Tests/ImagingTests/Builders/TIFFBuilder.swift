import Foundation

/// Writes small TIFFs of any layout, without compression. Source: TIFF 6.0, section 2.
struct TIFFBuilder {
  var width = 16
  var height = 12
  var bits = 8
  var samples = 3
  /// Tag 262: 0 white is zero, 1 black is zero, 2 RGB, 3 palette, 5 inks, 8 CIE Lab, 9 ICC Lab.
  var photometric = 2
  /// Tag 339: 1 unsigned, 2 signed, 3 floating point.
  var format = 1
  var extras: [Int]?
  var profile: [UInt8]?
  var isPlanar = false
  var isBigEndian = false
  var bitsOfEach: [Int]?
  /// Further tags of 16-bit numbers.
  var more: [Int: [Int]] = [:]

  private func number(_ value: Int, _ count: Int) -> [UInt8] {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isBigEndian ? bytes.reversed() : bytes
  }

  /// The bytes of one sample whose share of the whole range is `share`.
  func sample(_ share: Double) -> [UInt8] {
    switch format {
    case 3 where bits == 32: number(Int(Float(share).bitPattern), 4)
    case 3 where bits == 64: number(Int(bitPattern: UInt(Double(share).bitPattern)), 8)
    case 2: number(Int((share * Double(1 << (bits - 1) - 1)).rounded()), bits / 8)
    default: number(Int((share * Double(1 << bits - 1)).rounded()), bits / 8)
    }
  }

  /// The file; `color` gives the shares of a pixel's samples.
  func file(_ color: (_ x: Int, _ y: Int) -> [Double]) -> [UInt8] {
    file(raw: { x, y in color(x, y).map { sample($0) } })
  }

  /// The file; `pixel` gives the bytes of each sample.
  func file(raw pixel: (_ x: Int, _ y: Int) -> [[UInt8]]) -> [UInt8] {
    var planes = [[UInt8]](repeating: [], count: isPlanar ? samples : 1)
    for y in 0..<height {
      for x in 0..<width {
        for (index, bytes) in pixel(x, y).enumerated() { planes[isPlanar ? index : 0] += bytes }
      }
    }
    var body = Array((isBigEndian ? "MM" : "II").utf8) + number(42, 2) + number(0, 4)
    var offsets: [Int] = []
    for plane in planes {
      offsets.append(body.count)
      body += plane
    }
    func shorts(_ values: [Int]) -> (Int, [UInt8]) { (3, values.flatMap { number($0, 2) }) }
    func longs(_ values: [Int]) -> (Int, [UInt8]) { (4, values.flatMap { number($0, 4) }) }
    var fields: [Int: (type: Int, bytes: [UInt8])] = [
      256: longs([width]), 257: longs([height]),
      258: shorts(bitsOfEach ?? [Int](repeating: bits, count: samples)),
      259: shorts([1]), 262: shorts([photometric]), 273: longs(offsets), 277: shorts([samples]),
      278: longs([height]), 279: longs(planes.map(\.count)), 284: shorts([isPlanar ? 2 : 1]),
      339: shorts([Int](repeating: format, count: samples)),
    ]
    for (tag, values) in more { fields[tag] = shorts(values) }
    if let extras { fields[338] = shorts(extras) }
    if let profile { fields[34_675] = (7, profile) }
    var entries: [UInt8] = []
    for (tag, field) in fields.sorted(by: { $0.key < $1.key }) {
      let size = field.type == 3 ? 2 : field.type == 4 ? 4 : 1
      var value = field.bytes
      if value.count > 4 {
        if body.count % 2 == 1 { body.append(0) }
        value = number(body.count, 4)
        body += field.bytes
      }
      value += [UInt8](repeating: 0, count: 4 - value.count)
      entries +=
        number(tag, 2) + number(field.type, 2) + number(field.bytes.count / size, 4) + value
    }
    if body.count % 2 == 1 { body.append(0) }
    let start = body.count
    body += number(fields.count, 2) + entries + number(0, 4)
    body.replaceSubrange(4..<8, with: number(start, 4))
    return body
  }
}
