import AV

/// When the pictures of a video are shown, from its packets alone: nothing is decoded.
struct VideoTimes {
  /// One packet, in the order of the file. Microseconds since the video's start.
  struct Entry {
    let start: Int64
    let duration: Int64
  }

  /// The packets of pictures that are shown.
  let entries: [Entry]
  /// Packets that an edit list leaves out.
  let hidden: Int

  /// Reads every packet of `video`'s pictures.
  init(_ video: Video) throws {
    let input = try video.reading { try video.fromStart() }
    let packet = try video.reading { try Packet() }
    var entries: [Entry] = []
    var hidden = 0
    input.keepOnly([video.track.index])
    while try video.reading({ try input.read(into: packet) }) {
      guard packet.stream == video.track.index else { continue }
      guard !packet.isHidden else {
        hidden += 1
        continue
      }
      let start = packet.start ?? entries.last.map { $0.start + $0.duration } ?? 0
      entries.append(Entry(start: start - video.input.start, duration: packet.duration))
    }
    self.entries = entries
    self.hidden = hidden
  }

  /// Starts in the order in which they are shown.
  private var starts: [Int64] { entries.map(\.start).sorted() }

  /// The time between neighbours, the shortest and the longest, in microseconds.
  var steps: (shortest: Int64, longest: Int64) {
    let starts = starts
    let steps = zip(starts, starts.dropFirst()).map { $1 - $0 }
    return (steps.min() ?? 0, steps.max() ?? 0)
  }

  /// Whether all pictures are shown for as long, give or take a millisecond: containers round.
  var isConstant: Bool { steps.longest - steps.shortest <= 2_000 }

  /// How many packets from the first on can be taken so that no picture starts or ends behind
  /// `limit`, and none between them is missing; and when the last of them ends.
  func prefix(within limit: Int64) -> (count: Int, end: Int64) {
    let sorted = starts
    var (best, latest) = (0, Int64.min)
    for (index, entry) in entries.enumerated() {
      latest = max(latest, entry.start)
      let end = index + 1 < sorted.count ? sorted[index + 1] : latest + entry.duration
      guard end <= limit else { continue }
      if latest == sorted[index] { best = index + 1 }
    }
    guard best > 0 else { return (0, 0) }
    let last = entries.prefix(best).max { $0.start < $1.start }
    let end = best < sorted.count ? sorted[best] : (last.map { $0.start + $0.duration } ?? 0)
    return (best, end)
  }
}
