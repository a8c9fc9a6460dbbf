import Deflate

/// The chunks of a PNG file: what is wrong with them, where, and what can be passed over.
/// Source: PNG specification, third edition, chapters 5 (datastream) and 11 (chunks).
struct PNGStructure {
  /// The first thing that makes the picture unreadable.
  private(set) var flaw: Flaw?
  /// What a strict reader would complain about, and others pass over.
  private(set) var remarks: [String] = []
  /// Whether the chunk that ends the file is there.
  private(set) var hasEnd = false

  private let file: FileWindow
  private var hasPalette = false
  private var needsPalette = false
  private var isInData = false
  private var hasData = false

  /// A limit on what a hostile file of empty chunks can cost.
  private static let maximumChunks = 200_000

  /// Walks through the file at `path`; nil where it cannot be opened.
  init?(_ path: String) {
    guard let file = FileWindow(path) else { return nil }
    self.file = file
    walk()
  }

  private mutating func walk() {
    var offset = 8
    for number in 0..<Self.maximumChunks {
      guard let length = file.number(at: offset, count: 4), let name = file.name(at: offset + 4)
      else { return end(at: offset) }
      guard number > 0 || name == "IHDR" else {
        flaw = Flaw(.damaged, "the first chunk is \(name) and not IHDR")
        return
      }
      guard file.bytes(at: offset + 4, count: 4)?.allSatisfy(Self.isLetter) == true else {
        flaw = Flaw(.damaged, "at byte \(offset) there is no chunk where one should begin")
        return
      }
      guard length < 1 << 31 else {
        flaw = Flaw(.damaged, "chunk \(name) at byte \(offset) has an impossible length")
        return
      }
      // Cut in its last chunk, which holds nothing.
      if name == "IEND", offset + 12 + length > file.size { return end(at: file.size) }
      guard offset + 12 + length <= file.size else {
        flaw = Flaw(
          .cutOff,
          "chunk \(name) at byte \(offset) needs \(length) bytes, and the file ends after "
            + "\(max(0, file.size - offset - 8)) of them")
        return
      }
      flaw = flaw ?? look(at: name, offset, length)
      check(name, offset, length)
      if flaw?.kind == .damaged { return }
      offset += 12 + length
      if name == "IEND" {
        hasEnd = true
        if offset < file.size {
          remarks.append("\(file.size - offset) bytes follow the last chunk")
        }
        break
      }
    }
    if flaw == nil, !hasData, hasEnd {
      flaw = Flaw(.damaged, "there is no IDAT chunk, so no pixels")
    }
  }

  /// Whether the file ends behind its pixels, where only the chunk that says so is missing.
  private(set) var lacksOnlyItsEnd = false

  private mutating func end(at offset: Int) {
    lacksOnlyItsEnd = hasData && offset == file.size && flaw == nil
    if lacksOnlyItsEnd { remarks.append("no end chunk (IEND)") }
    let what = hasData ? "there is no IEND chunk" : "there is no IDAT chunk, so no pixels"
    flaw = flaw ?? Flaw(.cutOff, "\(what); the file ends at byte \(file.size)")
  }

  private mutating func look(at name: String, _ offset: Int, _ length: Int) -> Flaw? {
    defer { isInData = name == "IDAT" }
    switch name {
    case "IHDR":
      return offset == 8 ? header(length) : Flaw(.damaged, "a second IHDR chunk at byte \(offset)")
    case "PLTE":
      hasPalette = true
      if hasData { return Flaw(.damaged, "chunk PLTE at byte \(offset) comes after the pixels") }
      if length % 3 != 0 || length == 0 || length > 768 {
        return Flaw(.damaged, "chunk PLTE at byte \(offset) has an impossible length of \(length)")
      }
    case "IDAT":
      if needsPalette, !hasPalette {
        return Flaw(.damaged, "the palette (chunk PLTE) is missing before byte \(offset)")
      }
      if hasData, !isInData {
        return Flaw(.damaged, "chunk IDAT at byte \(offset) is apart from the ones before it")
      }
      hasData = true
    case "IEND": break
    case _ where name.first?.isUppercase == true:
      return Flaw(.damaged, "at byte \(offset) there is a chunk \(name), which no reader knows")
    default: break
    }
    return nil
  }

  private mutating func header(_ length: Int) -> Flaw? {
    guard length == 13, let bytes = file.bytes(at: 16, count: 13).map(Array.init) else {
      return Flaw(.damaged, "chunk IHDR has \(length) bytes and not 13")
    }
    let width = bytes[0..<4].reduce(0) { $0 << 8 | Int($1) }
    let height = bytes[4..<8].reduce(0) { $0 << 8 | Int($1) }
    let (depth, color) = (bytes[8], bytes[9])
    let depths: [UInt8: [UInt8]] = [
      0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
    ]
    needsPalette = color == 3
    guard (1..<1 << 31).contains(width), (1..<1 << 31).contains(height) else {
      return Flaw(.damaged, "chunk IHDR says \(width)x\(height) pixels")
    }
    guard let allowed = depths[color] else {
      return Flaw(.damaged, "chunk IHDR says colour type \(color), which does not exist")
    }
    guard allowed.contains(depth) else {
      return Flaw(
        .damaged, "chunk IHDR says \(depth) bits a sample, impossible in colour type \(color)")
    }
    guard bytes[10] == 0, bytes[11] == 0, bytes[12] < 2 else {
      return Flaw(
        .damaged, "chunk IHDR names a compression, filter or interlacing that does not exist")
    }
    return nil
  }

  /// Compares the check sum; in a chunk that no picture needs a wrong one is only remarked.
  private mutating func check(_ name: String, _ offset: Int, _ length: Int) {
    var sum: UInt32 = 0
    var at = offset + 4
    let end = offset + 8 + length
    while at < end {
      guard let piece = file.bytes(at: at, count: min(1 << 16, end - at)) else { return }
      sum = piece.withUnsafeBytes { ZlibCompressor.crc32($0, from: sum) }
      at += piece.count
    }
    guard let stored = file.number(at: end, count: 4), stored != Int(sum) else { return }
    if name.first?.isUppercase == true {
      flaw = flaw ?? Flaw(.damaged, "the check sum of chunk \(name) at byte \(offset) is wrong")
    } else if remarks.count < 5 {
      remarks.append("the check sum of chunk \(name) at byte \(offset) is wrong")
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}
