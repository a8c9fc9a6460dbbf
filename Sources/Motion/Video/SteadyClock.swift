/// Keeps the times of a video's pictures rising where the file's own jump back or are missing.
struct SteadyClock {
  private var last: (start: Int64, duration: Int64)?
  /// By how much times are moved since they jumped back.
  private var shift: Int64 = 0

  /// When the next picture is shown, in microseconds; `start` is the file's word.
  mutating func start(_ start: Int64?, lasting duration: Int64?) -> Int64 {
    guard let last else {
      let first = start ?? 0
      self.last = (first, duration ?? 0)
      return first
    }
    let next = last.start + max(1, duration ?? last.duration)
    var time = start.map { $0 + shift } ?? next
    if time < last.start - 250_000 {
      // Another clock begins: what follows goes on from here.
      shift += next - time
      time = next
    } else if time <= last.start {
      // One time is wrong: what follows keeps its own.
      time = last.start + 1_000
    }
    self.last = (time, duration ?? max(1, time - last.start))
    return time
  }
}
