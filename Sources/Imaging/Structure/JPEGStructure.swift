import Glibc

/// The segments of a JPEG file: what it is, where its picture ends, and what stands behind it.
/// Source: ITU-T T.81, annex B; CIPA DC-007 (multi-picture format).
struct JPEGStructure {
  /// Columns and rows by the frame header.
  private(set) var size: Size?
  /// The kind of frame: the last byte of its marker, 0xC0 to 0xCF.
  private(set) var frame: UInt8?
  /// Bits a sample.
  private(set) var precision = 8
  /// Whether the marker that ends the picture is there.
  private(set) var hasEnd = false
  /// Bytes behind that marker.
  private(set) var trailing = 0
  /// Pictures by the index of a multi-picture file; 1 without one.
  private(set) var pictures = 1
  /// The first thing that makes the picture unreadable.
  private(set) var flaw: Flaw?

  /// For each component, the lowest bit that was sent of each of 64 coefficients; 255 for none.
  private var sent: [UInt8: [UInt8]] = [:]
  private var place = "before its first segment"

  /// Walks through `bytes`.
  init(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { walk($0) }
    flaw = flaw ?? unreadable
  }

  /// Whether the pixels begin, however far they go.
  var hasPixels: Bool { sent.values.contains { $0.contains { $0 != 255 } } }

  /// Whether every bit of every coefficient stands in some scan.
  var hasEveryScan: Bool {
    !sent.isEmpty && sent.values.allSatisfy { $0.allSatisfy { $0 == 0 } }
  }

  /// What a person should know of what stands behind the picture.
  func remark(_ bytes: [UInt8]) -> String? {
    guard pictures < 2 else {
      return pictures == 2
        ? "a second picture is in the file" : "\(pictures - 1) more pictures are in the file"
    }
    let rest = bytes.suffix(trailing)
    guard rest.contains(where: { $0 != 0 }) else { return nil }
    if rest.starts(with: [0xFF, 0xD8, 0xFF]) { return "a second picture is in the file" }
    if rest.dropFirst(4).starts(with: Array("ftyp".utf8)) { return "a video is in the file" }
    return "\(trailing) bytes follow the picture"
  }

  private mutating func walk(_ bytes: UnsafeBufferPointer<UInt8>) {
    var at = 2
    while at < bytes.count {
      // Fill bytes and, between segments, whatever a sloppy writer left.
      guard let marker = Self.marker(bytes, from: at) else { break }
      at = marker + 2
      let code = bytes[marker + 1]
      if code == 0xD9 {
        hasEnd = true
        trailing = bytes.count - at
        return
      }
      if code == 0x01 || (0xD0...0xD8).contains(code) { continue }
      guard at + 2 <= bytes.count else { break }
      let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
      place = "inside the segment at byte \(marker)"
      guard length >= 2 else {
        flaw = Flaw(.damaged, "the segment at byte \(marker) has an impossible length")
        return
      }
      guard at + length <= bytes.count else { break }
      let body = UnsafeBufferPointer(rebasing: bytes[at + 2..<at + length])
      look(at: code, body)
      at += length
      if code == 0xDA { place = "inside the pixels" }
    }
    if flaw == nil { flaw = Flaw(.cutOff, "the file ends at byte \(bytes.count), \(place)") }
  }

  /// Where the next marker is that is no part of the pixels.
  private static func marker(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var at = start
    while at < bytes.count - 1, let base = bytes.baseAddress {
      guard let found = memchr(base + at, 0xFF, bytes.count - 1 - at) else { return nil }
      at = base.distance(to: found.assumingMemoryBound(to: UInt8.self))
      let code = bytes[at + 1]
      if code == 0xFF {
        at += 1
      } else if code == 0 || (0xD0...0xD7).contains(code) {
        at += 2
      } else {
        return at
      }
    }
    return nil
  }

  private mutating func look(at code: UInt8, _ body: UnsafeBufferPointer<UInt8>) {
    switch code {
    case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
      guard frame == nil, body.count >= 6 else { return }
      frame = code
      precision = Int(body[0])
      let (height, width) = (
        Int(body[1]) << 8 | Int(body[2]), Int(body[3]) << 8 | Int(body[4])
      )
      if width > 0, height > 0 { size = Size(width, height) }
      for index in 0..<Int(body[5]) where 6 + 3 * index < body.count {
        sent[body[6 + 3 * index]] = [UInt8](repeating: 255, count: 64)
      }
    case 0xDA:
      guard let count = body.first.map(Int.init), body.count >= 4 + 2 * count else { return }
      // In a sequential picture a scan holds all of its components.
      let isProgressive = frame == 0xC2 || frame == 0xCA
      let from = isProgressive ? Int(body[1 + 2 * count]) : 0
      let to = isProgressive ? Int(body[2 + 2 * count]) : 63
      let low = isProgressive ? body[3 + 2 * count] & 15 : 0
      guard from <= to, to < 64 else { return }
      for index in 0..<count {
        for coefficient in from...to { sent[body[1 + 2 * index]]?[coefficient] = low }
      }
    case 0xE2 where body.starts(with: Array("MPF\0".utf8)):
      pictures = Self.pictures(Array(body.dropFirst(4))) ?? pictures
    default: break
    }
  }

  /// The number of images (tag 0xB001) in the index of a multi-picture file.
  private static func pictures(_ index: [UInt8]) -> Int? {
    let little = index.starts(with: Array("II".utf8))
    func number(_ at: Int, _ count: Int) -> Int {
      guard at >= 0, at + count <= index.count else { return 0 }
      let part = index[at..<at + count]
      return (little ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
    }
    let start = number(4, 4)
    return (0..<min(50, number(start, 2))).map { start + 2 + 12 * $0 }
      .first { number($0, 2) == 0xB001 }.map { number($0 + 8, 4) }
  }

  private var unreadable: Flaw? {
    switch frame {
    case nil: Flaw(.damaged, "there is no frame header, so no picture")
    case 0xC3, 0xC7, 0xCB, 0xCF: Flaw(.unsupported, "a lossless JPEG")
    case 0xC5, 0xC6, 0xCD, 0xCE: Flaw(.unsupported, "a hierarchical JPEG")
    default: precision == 8 ? nil : Flaw(.unsupported, "a JPEG of \(precision) bits a sample")
    }
  }
}
