/// A file that is put together from pieces of another and from new bytes.
struct Assembly {
  /// A piece of the new file.
  enum Piece {
    case copy(Range<Int64>)
    case zeros(Int64)
    case bytes([UInt8])
  }

  private(set) var pieces: [Piece] = []
  // A file of tiny pieces must not take more memory than itself.
  private static let most = 2_000_000

  /// The length of the new file.
  var size: Int64 {
    pieces.reduce(0) { sum, piece in
      switch piece {
      case .copy(let range): sum + Int64(range.count)
      case .zeros(let count): sum + count
      case .bytes(let bytes): sum + Int64(bytes.count)
      }
    }
  }

  /// Appends what stands in `range` of the original.
  mutating func copy(_ range: Range<Int64>) throws(StructureError) {
    guard !range.isEmpty else { return }
    if case .copy(let last) = pieces.last, last.upperBound == range.lowerBound {
      pieces[pieces.count - 1] = .copy(last.lowerBound..<range.upperBound)
      return
    }
    try append(.copy(range))
  }

  /// Appends new bytes.
  mutating func write(_ bytes: [UInt8]) throws(StructureError) {
    guard !bytes.isEmpty else { return }
    if bytes.count < 256, case .bytes(let last) = pieces.last, last.count < 4_096 {
      pieces[pieces.count - 1] = .bytes(last + bytes)
      return
    }
    try append(.bytes(bytes))
  }

  /// Appends zeros.
  mutating func blank(_ count: Int64) throws(StructureError) {
    if count > 0 { try append(.zeros(count)) }
  }

  private mutating func append(_ piece: Piece) throws(StructureError) {
    guard pieces.count < Self.most else {
      throw StructureError("it is made of more than \(Self.most) pieces")
    }
    pieces.append(piece)
  }
}

/// Changes to a file whose length stays, so that every place that it names stays right.
///
/// New bytes lie above zeros, in whatever order they were asked for.
struct Patches {
  private var blanks: [Range<Int64>] = []
  private var puts: [(range: Range<Int64>, bytes: [UInt8])] = []
  /// New bytes behind the end.
  var tail: [UInt8] = []
  /// Where the file ends now; nil leaves its end.
  var end: Int64?
  private static let most = 2_000_000

  /// Puts zeros over `range`.
  mutating func blank(_ range: Range<Int64>) throws(StructureError) {
    guard !range.isEmpty else { return }
    if let last = blanks.last, last.upperBound == range.lowerBound {
      blanks[blanks.count - 1] = last.lowerBound..<range.upperBound
      return
    }
    try checkCount()
    blanks.append(range)
  }

  /// Puts `bytes` at `place`.
  mutating func put(_ bytes: [UInt8], at place: Int64) throws(StructureError) {
    guard !bytes.isEmpty else { return }
    try checkCount()
    puts.append((place..<place + Int64(bytes.count), bytes))
  }

  private func checkCount() throws(StructureError) {
    guard blanks.count + puts.count < Self.most else {
      throw StructureError("it would need more than \(Self.most) changes")
    }
  }

  /// The file of `size` bytes with the changes.
  func assembly(_ size: Int64) throws(StructureError) -> Assembly {
    let end = min(size, end ?? size)
    var assembly = Assembly()
    var place: Int64 = 0
    for (range, bytes) in flattened where range.lowerBound < end {
      try assembly.copy(place..<range.lowerBound)
      let upper = min(range.upperBound, end)
      if let bytes {
        try assembly.write(Array(bytes.prefix(Int(upper - range.lowerBound))))
      } else {
        try assembly.blank(upper - range.lowerBound)
      }
      place = upper
    }
    try assembly.copy(place..<end)
    try assembly.write(tail)
    return assembly
  }

  /// The changes in order of place, without overlaps.
  private var flattened: [(range: Range<Int64>, bytes: [UInt8]?)] {
    var new: [(range: Range<Int64>, bytes: [UInt8])] = []
    for put in puts.sorted(by: { $0.range.lowerBound < $1.range.lowerBound })
    where put.range.lowerBound >= new.last?.range.upperBound ?? 0 {
      new.append(put)
    }
    var result: [(range: Range<Int64>, bytes: [UInt8]?)] = new.map { ($0.range, $0.bytes) }
    var next = 0
    for blank in merged(blanks) {
      var place = blank.lowerBound
      while next < new.count, new[next].range.upperBound <= place { next += 1 }
      var index = next
      while index < new.count, new[index].range.lowerBound < blank.upperBound {
        if new[index].range.lowerBound > place {
          result.append((place..<new[index].range.lowerBound, nil))
        }
        place = new[index].range.upperBound
        index += 1
      }
      if place < blank.upperBound { result.append((place..<blank.upperBound, nil)) }
    }
    return result.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}

/// The ranges in order, those that touch as one.
func merged(_ ranges: [Range<Int64>]) -> [Range<Int64>] {
  var result: [Range<Int64>] = []
  for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
    if let last = result.last, range.lowerBound <= last.upperBound {
      result[result.count - 1] =
        last.lowerBound..<max(last.upperBound, range.upperBound)
    } else {
      result.append(range)
    }
  }
  return result
}

/// What of `whole` lies in none of `ranges`, which are as `merged` gives them.
func gaps(of ranges: [Range<Int64>], in whole: Range<Int64>) -> [Range<Int64>] {
  var result: [Range<Int64>] = []
  var place = whole.lowerBound
  for range in ranges where range.upperBound > place {
    guard range.lowerBound < whole.upperBound else { break }
    if range.lowerBound > place { result.append(place..<range.lowerBound) }
    place = range.upperBound
  }
  if place < whole.upperBound { result.append(place..<whole.upperBound) }
  return result
}
