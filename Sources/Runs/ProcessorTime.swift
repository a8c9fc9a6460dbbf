import Core
import Files
import Glibc

/// Processor time of this process and its media workers, as Linux counts it.
package enum ProcessorTime {
  /// Seconds, those of workers that have ended included; nil where Linux does not say.
  package static var seconds: Double? {
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    guard ticks > 0, let own = fields(of: "self"), let mine = time(own) else { return nil }
    let number = "\(getpid())"
    var sum = mine
    for name in FileSystem.names(in: "/proc") where name.utf8.allSatisfy({ $0 &- 48 < 10 }) {
      guard let fields = fields(of: name), fields.count > 1, fields[1] == number else { continue }
      sum += time(fields) ?? 0
    }
    return sum / ticks
  }

  /// The fields of proc(5)'s `stat` from the third on: what stands before may hold spaces.
  private static func fields(of process: String) -> [Substring]? {
    guard let bytes = try? FileSystem.read("/proc/\(process)/stat", limit: 4_096) else {
      return nil
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    return text[text.index(after: end)...].split(separator: " ")
  }

  /// utime, stime, cutime and cstime, in ticks.
  private static func time(_ fields: [Substring]) -> Double? {
    guard fields.count > 14 else { return nil }
    return fields[11...14].reduce(0) { $0 + (Double($1) ?? 0) }
  }
}
