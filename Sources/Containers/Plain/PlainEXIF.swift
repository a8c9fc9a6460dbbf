/// EXIF that turns a picture and says nothing of whose it is.
enum PlainEXIF {
  private static let orientation = 0x0112
  /// The tags of an artist and of a copyright, whose texts have rules of their own.
  private static let rights = [0x013B, 0x8298]

  /// The orientation, 1 where none is told; nil for a block that is not plain.
  static func orientation(_ block: [UInt8]) -> Int? {
    var first: UInt64 = 0
    guard let layout = TIFFLayout(block, first: &first), !layout.isBig, first >= 8,
      let directory = try? TIFFDirectory(
        at: first, layout,
        { place, count throws(StructureError) in
          guard let start = Int(exactly: place), count >= 0, count <= block.count,
            start <= block.count - count
          else { throw StructureError("beyond the block") }
          return Array(block[start..<start + count])
        }), (1...100).contains(directory.entries.count)
    else { return nil }
    var turned: Int?
    for entry in directory.entries {
      guard !rights.contains(entry.tag), TIFFLayout.width(entry.type) > 0, entry.type <= 12,
        entry.length <= UInt64(block.count), entry.place <= UInt64(block.count) - entry.length
      else { return nil }
      guard entry.tag == orientation else { continue }
      let value = Int(layout.number(entry.bytes[8..<10]))
      guard turned == nil, entry.type == 3, entry.count == 1, (1...8).contains(value) else {
        return nil
      }
      turned = value
    }
    return turned ?? 1
  }
}
