/// An element of a Matroska file. Source: RFC 8794 (EBML).
struct EBMLElement {
  let id: UInt64
  /// The whole element; to the end of what holds it where the length is unknown.
  let range: Range<Int64>
  let body: Int64
  let isOpen: Bool

  var content: Range<Int64> { body..<range.upperBound }

  /// The element at `place`, which ends at `end` at the latest.
  init(at place: Int64, within end: Int64, _ source: FileBytes) throws(StructureError) {
    let first = try source.byte(place)
    let idLength = first.leadingZeroBitCount + 1
    guard idLength <= 4, place + Int64(idLength) < end else {
      throw StructureError("byte \(place) begins no element")
    }
    id = try source.big(place, idLength)
    let lengthPlace = place + Int64(idLength)
    let lengthWidth = try source.byte(lengthPlace).leadingZeroBitCount + 1
    guard lengthWidth <= 8, lengthPlace + Int64(lengthWidth) <= end else {
      throw StructureError("the element at byte \(place) has no length")
    }
    let most: UInt64 = lengthWidth == 8 ? (1 << 56) - 1 : (1 << (7 * UInt64(lengthWidth))) - 1
    let length = try source.big(lengthPlace, lengthWidth) & most
    body = lengthPlace + Int64(lengthWidth)
    isOpen = length == most
    guard isOpen || length <= UInt64(end - body) else {
      throw StructureError("the element at byte \(place) runs past the end of what contains it")
    }
    range = place..<(isOpen ? end : body + Int64(length))
  }

  /// The elements that `range` holds.
  static func list(
    _ range: Range<Int64>, _ source: FileBytes
  ) throws(StructureError) -> [EBMLElement] {
    var elements: [EBMLElement] = []
    var place = range.lowerBound
    while place < range.upperBound {
      let element = try EBMLElement(at: place, within: range.upperBound, source)
      guard elements.count < 500_000 else { throw StructureError("it has too many elements") }
      elements.append(element)
      place = element.range.upperBound
    }
    return elements
  }

  /// The head of an element of nothing that takes `length` bytes altogether, 2 at least.
  static func void(_ length: Int64) -> [UInt8] {
    let width: Int64 = length >= 9 ? 8 : 1
    let content = length - 1 - width
    let number = UInt64(content) | 1 << UInt64(7 * width)
    return [0xEC]
      + (0..<width).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * (width - 1 - $0))) }
  }
}
