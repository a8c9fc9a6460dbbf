import Core
import Glibc

/// The elements of a Matroska file or WebM, walked over without reading what is in them.
/// Source: RFC 8794 (EBML), sections 5 and 6; RFC 9559 (Matroska), section 5.
struct ElementWalk {
  private enum Kind {
    static let segment: UInt32 = 0x1853_8067
    static let cluster: UInt32 = 0x1F43_B675
    /// Cues, tags, attachments, chapters, seek heads and void: no frame is in them.
    static let aside: Set<UInt32> = [
      0x1C53_BB6B, 0x1254_C367, 0x1941_A469, 0x1043_A770, 0x114D_9B74, 0xEC,
    ]
  }

  /// Whether a part with frames is missing.
  private(set) var isCut = false
  /// Whether only what stands behind the frames is missing, such as the index.
  private(set) var isTailCut = false

  /// Whether the file ends before its last element does.
  var endsEarly: Bool { isCut || isTailCut }

  /// Walks over the file at `path`.
  init(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let size = Int64(lseek(descriptor, 0, SEEK_END))
    var offset: Int64 = 0
    var isSegmentLonger = false
    var segmentEnd = Int64.max
    var last: UInt32 = 0
    while offset < min(size, segmentEnd) {
      var head = [UInt8](repeating: 0, count: 12)
      let count = pread(descriptor, &head, 12, off_t(offset))
      guard count > 0 else { return }
      guard let element = Element(head.prefix(count)) else {
        // Fewer bytes than an element's head has; zeros are padding.
        isCut = count < 12 && head.prefix(count).contains { $0 != 0 }
        return
      }
      let start = offset + Int64(element.head)
      last = element.kind
      guard let length = element.length else {
        guard [Kind.segment, Kind.cluster].contains(element.kind) else { return }
        offset = start
        continue
      }
      let (end, overflows) = start.addingReportingOverflow(length)
      if element.kind == Kind.segment {
        segmentEnd = overflows ? .max : end
        isSegmentLonger = overflows || end > size
        offset = start
        continue
      }
      if overflows || end > size {
        isTailCut = Kind.aside.contains(element.kind)
        isCut = !isTailCut
        return
      }
      offset = end
    }
    // The file ends between two elements, and the segment goes on.
    guard isSegmentLonger else { return }
    isTailCut = Kind.aside.contains(last)
    isCut = !isTailCut
  }

  private struct Element {
    let kind: UInt32
    /// The bytes of its name and its length.
    let head: Int
    /// The bytes that follow; nil where the writer did not know.
    let length: Int64?

    /// Reads a head; nil where there are too few bytes, or none of an element.
    init?(_ bytes: ArraySlice<UInt8>) {
      guard let first = bytes.first, first != 0 else { return nil }
      let nameLength = first.leadingZeroBitCount + 1
      guard nameLength <= 4, bytes.count > nameLength else { return nil }
      kind = bytes.prefix(nameLength).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      let rest = bytes.dropFirst(nameLength)
      guard let lead = rest.first, lead != 0 else { return nil }
      let count = lead.leadingZeroBitCount + 1
      guard rest.count >= count else { return nil }
      head = nameLength + count
      let bits = UInt64(7 * count)
      let value =
        rest.prefix(count).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } & (1 << bits - 1)
      length = value == 1 << bits - 1 ? nil : Int64(value)
    }
  }
}
