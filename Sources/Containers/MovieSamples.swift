/// Where the samples of tracks lie in a video: of those that stay, and of those that go.
struct MovieSamples {
  private let source: FileBytes
  private let goneTracks: [MovieTrack]
  private let keptTracks: [MovieTrack]
  /// Where chunks of tracks that stay begin, in order.
  private(set) var starts: [Int64] = []
  private var failure: StructureError?
  private static let mostEntries = 4_000_000

  init(_ source: FileBytes, tracks: [MovieTrack], gone: Set<Int64>) {
    self.source = source
    goneTracks = tracks.filter { gone.contains($0.box.range.lowerBound) }
    keptTracks = tracks.filter { !gone.contains($0.box.range.lowerBound) }
    do throws(StructureError) {
      for track in keptTracks { starts += try chunks(of: track) }
    } catch {
      failure = error
    }
    starts.sort()
  }

  private func firstStart(from place: Int64) -> Int64 {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] < place { low = middle + 1 } else { high = middle }
    }
    return low < starts.count ? starts[low] : .max
  }

  /// The samples of tracks that go, as the index names them.
  func ranges() throws(StructureError) -> [Range<Int64>] {
    if let failure { throw failure }
    var ranges: [Range<Int64>] = []
    for track in goneTracks {
      for (start, length) in try chunkLengths(of: track) {
        guard start >= 0, start < source.size else { continue }
        // Never over what is seen or heard, whatever the tables say.
        let end = min(source.size, start + min(length, source.size), firstStart(from: start))
        if end > start { ranges.append(start..<end) }
      }
    }
    return merged(ranges)
  }

  /// The samples of tracks that stay, as the index names them; rather too much than too little.
  func keptRanges() throws(StructureError) -> [Range<Int64>] {
    if let failure { throw failure }
    var ranges: [Range<Int64>] = []
    for track in keptTracks {
      let widest = try mostBytesOfSound(track)
      for (start, length) in try chunkLengths(of: track, atLeast: widest)
      where start >= 0 && start < source.size {
        ranges.append(start..<start + min(length, source.size - start))
      }
    }
    return merged(ranges)
  }

  /// The bytes of a sample of sound by its description; 0 for other tracks. QuickTime gives sound a
  /// size of 1 a sample, whatever it takes. Source: QuickTime File Format, sound sample descriptions.
  private func mostBytesOfSound(_ track: MovieTrack) throws(StructureError) -> UInt64 {
    guard track.handler == "soun", let box = track.tables["stsd"], box.content.count >= 44 else {
      return 0
    }
    let entry = box.body + 8
    let (channels, bits) = (try source.big(entry + 24, 2), try source.big(entry + 26, 2))
    var most = channels * ((bits + 7) / 8)
    // The bytes of a frame of all channels.
    if try source.big(entry + 16, 2) == 1, box.content.count >= 60 {
      most = max(most, try source.big(entry + 44, 4))
    } else if try source.big(entry + 16, 2) == 2, box.content.count >= 80 {
      most = max(most, try source.big(entry + 64, 4))
    }
    return most
  }

  private func table(
    _ track: MovieTrack, _ type: String, width: Int, head: Int64
  ) throws(StructureError) -> [UInt64] {
    guard let box = track.tables[type], box.content.count >= head else { return [] }
    let count = Int(try source.big(box.body + head - 4, 4))
    guard count <= Self.mostEntries, Int64(count * width) <= Int64(box.content.count) - head else {
      throw StructureError("the table \(type) of a track is longer than its box")
    }
    var values: [UInt64] = []
    values.reserveCapacity(count)
    let bytes = try source.bytes(box.body + head, count * width)
    for index in 0..<count {
      var value: UInt64 = 0
      for byte in bytes[index * width..<(index + 1) * width] { value = value << 8 | UInt64(byte) }
      values.append(value)
    }
    return values
  }

  private func chunks(of track: MovieTrack) throws(StructureError) -> [Int64] {
    let narrow = try table(track, "stco", width: 4, head: 8)
    let wide = try table(track, "co64", width: 8, head: 8)
    return (narrow + wide).map { Int64(clamping: $0) }
  }

  /// Each chunk's place with the sum of its samples.
  private func chunkLengths(
    of track: MovieTrack, atLeast least: UInt64 = 0
  ) throws(StructureError) -> [(start: Int64, length: Int64)] {
    let chunks = try chunks(of: track)
    let runs = try table(track, "stsc", width: 12, head: 8).count
    var firsts: [(first: Int, samples: Int)] = []
    if let box = track.tables["stsc"] {
      for index in 0..<runs {
        let place = box.body + 8 + Int64(index * 12)
        firsts.append((Int(try source.big(place, 4)), Int(try source.big(place + 4, 4))))
      }
    }
    var sizes: [UInt64] = []
    var fixed: UInt64 = 0
    if let box = track.tables["stsz"], box.content.count >= 12 {
      fixed = try source.big(box.body + 4, 4)
      if fixed == 0 { sizes = try table(track, "stsz", width: 4, head: 12) }
      // A size that all samples share may be 1 for whatever they take.
      if fixed > 0 { fixed = max(fixed, least) }
    } else if track.tables["stz2"] != nil {
      sizes = try compactSizes(of: track)
    }
    var result: [(start: Int64, length: Int64)] = []
    var (run, sample) = (0, 0)
    for (index, start) in chunks.enumerated() {
      while run + 1 < firsts.count, firsts[run + 1].first <= index + 1 { run += 1 }
      let count = firsts.isEmpty ? 1 : firsts[run].samples
      var length: UInt64 = 0
      if fixed > 0 {
        length = fixed.multipliedReportingOverflow(by: UInt64(count)).partialValue
      } else {
        for size in sizes[min(sample, sizes.count)..<min(sample + count, sizes.count)] {
          length += size
        }
      }
      sample += min(count, sizes.count)
      result.append((start, Int64(clamping: length)))
    }
    return result
  }

  /// Sizes of 4, 8 or 16 bits. Source: ISO/IEC 14496-12, section 8.7.3.3.
  private func compactSizes(of track: MovieTrack) throws(StructureError) -> [UInt64] {
    guard let box = track.tables["stz2"], box.content.count >= 12 else { return [] }
    let bits = Int(try source.byte(box.body + 7))
    let count = Int(try source.big(box.body + 8, 4))
    guard [4, 8, 16].contains(bits), count <= Self.mostEntries,
      Int64((count * bits + 7) / 8) <= Int64(box.content.count) - 12
    else { throw StructureError("the table stz2 of a track is longer than its box") }
    let bytes = try source.bytes(box.body + 12, (count * bits + 7) / 8)
    return (0..<count).map { index in
      switch bits {
      case 4: UInt64(index % 2 == 0 ? bytes[index / 2] >> 4 : bytes[index / 2] & 15)
      case 8: UInt64(bytes[index])
      default: UInt64(bytes[2 * index]) << 8 | UInt64(bytes[2 * index + 1])
      }
    }
  }

  /// The samples in a fragment: of the tracks `gone`, and of the others. Source: ISO/IEC 14496-12,
  /// section 8.8.
  func ranges(
    in fragment: ISOBox, gone: Set<UInt32>, _ defaults: [UInt32: UInt32]
  ) throws(StructureError) -> (gone: [Range<Int64>], kept: [Range<Int64>]) {
    var ranges: (gone: [Range<Int64>], kept: [Range<Int64>]) = ([], [])
    // Without a base of its own a track goes on where the one before it ended.
    var end = fragment.range.lowerBound
    for track in try ISOBox.list(fragment.content, source) where track.type == "traf" {
      let parts = try ISOBox.list(track.content, source)
      guard let header = parts.first(where: { $0.type == "tfhd" }), header.content.count >= 8 else {
        throw StructureError("a fragment has a track without a header")
      }
      let flags = try source.big(header.body, 4)
      let id = UInt32(try source.big(header.body + 4, 4))
      var place = header.body + 8
      var base = flags & 0x2_0000 != 0 ? fragment.range.lowerBound : end
      if flags & 1 != 0 {
        base = Int64(clamping: try source.big(place, 8))
        place += 8
      }
      if flags & 2 != 0 { place += 4 }
      if flags & 8 != 0 { place += 4 }
      let size = flags & 0x10 != 0 ? try source.big(place, 4) : UInt64(defaults[id] ?? 0)
      end = base
      for run in parts where run.type == "trun" {
        let (start, length) = try span(of: run, base, end, size)
        guard start >= 0, start <= source.size else { continue }
        end = min(source.size, start + min(length, source.size))
        guard end > start else { continue }
        if gone.contains(id) {
          ranges.gone.append(start..<end)
        } else {
          ranges.kept.append(start..<end)
        }
      }
    }
    return ranges
  }

  private func span(
    of run: ISOBox, _ base: Int64, _ end: Int64, _ size: UInt64
  ) throws(StructureError) -> (start: Int64, length: Int64) {
    guard run.content.count >= 8 else { throw StructureError("a fragment's run is cut off") }
    let flags = try source.big(run.body, 4)
    let count = Int(try source.big(run.body + 4, 4))
    var place = run.body + 8
    var start = end
    if flags & 1 != 0 {
      let offset = Int64(Int32(truncatingIfNeeded: Int64(try source.big(place, 4))))
      start = base.addingReportingOverflow(offset).partialValue
      place += 4
    }
    if flags & 4 != 0 { place += 4 }
    guard flags & 0x200 != 0 else {
      return (
        start, Int64(clamping: size.multipliedReportingOverflow(by: UInt64(count)).partialValue)
      )
    }
    let width = [0x100, 0x200, 0x400, 0x800].count { flags & UInt64($0) != 0 } * 4
    let skipped: Int64 = flags & 0x100 != 0 ? 4 : 0
    guard Int64(count * width) <= run.range.upperBound - place else {
      throw StructureError("a fragment's run is longer than its box")
    }
    var length: Int64 = 0
    for index in 0..<count {
      length += Int64(try source.big(place + Int64(index * width) + skipped, 4))
    }
    return (start, length)
  }
}
