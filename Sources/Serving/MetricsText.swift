import Core
import Glibc

/// What `/metrics` says, in Prometheus' text format 0.0.4.
struct MetricsText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  init(
    _ tally: StoreCounts, requests: RequestCounts, version: String, modelsWithoutSwap: Set<String>
  ) {
    let swaps = tally.rows.filter { !modelsWithoutSwap.contains($0.model) }
    family("swapline_build_info", "gauge", "The version that runs.", [(["version": version], 1)])
    family(
      "swapline_billable_swaps_total", "counter", "Swaps that were done and charged.",
      swaps.filter { $0.status == .success }
        .map { (["provider": $0.facade, "model": $0.model], Double($0.count)) })
    family(
      "swapline_charged_credits_total", "counter", "Credits that were charged.",
      swaps.filter { $0.status == .success }
        .map { (["provider": $0.facade, "model": $0.model], $0.credits) })
    family(
      "swapline_tasks_total", "counter", "Tasks that have ended.",
      tally.rows.filter { [.success, .failed].contains($0.status) }.map {
        (
          ["provider": $0.facade, "model": $0.model, "status": $0.status.rawValue],
          Double($0.count)
        )
      })
    family(
      "swapline_task_seconds_total", "counter", "The time that the work of ended tasks took.",
      tally.rows.filter { [.success, .failed].contains($0.status) }
        .map { (["provider": $0.facade, "model": $0.model], $0.seconds) })
    family(
      "swapline_tasks_waiting", "gauge", "Tasks that wait for their turn.",
      [([:], Double(tally.count(.pending)))])
    family(
      "swapline_tasks_running", "gauge", "Tasks that are being worked on.",
      [([:], Double(tally.count(.running)))])
    family(
      "swapline_callbacks_due", "gauge", "Callbacks that were not accepted yet.",
      [([:], Double(tally.dueCallbacks))])
    family("swapline_files", "gauge", "Files that are kept.", [([:], Double(tally.files))])
    let answered = requests.all
    family(
      "swapline_http_requests_total", "counter", "Requests that were answered, by status.",
      answered.byStatus.sorted { $0.key < $1.key }.map {
        (["status": "\($0.key)"], Double($0.value))
      })
    family(
      "swapline_http_request_seconds_total", "counter", "The time that answering them took.",
      [([:], answered.seconds)])
    family(
      "process_resident_memory_bytes", "gauge", "Memory of the server without its workers.",
      [([:], Self.residentMemory)])
  }

  private mutating func family(
    _ name: String, _ type: String, _ help: String, _ samples: [([String: String], Double)]
  ) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    // Two rows of one label set are one sample.
    var sums: [String: Double] = [:]
    var order: [String] = []
    for (labels, value) in samples {
      let written = labels.sorted { $0.key < $1.key }
        .map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
      if sums[written] == nil { order.append(written) }
      sums[written, default: 0] += value
    }
    for labels in order {
      let value = sums[labels] ?? 0
      let number = Int64(exactly: value).map { "\($0)" } ?? "\(value)"
      text += name + (labels.isEmpty ? "" : "{\(labels)}") + " \(number)\n"
    }
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  private static var residentMemory: Double {
    let words = (SmallFile.read("/proc/self/statm", limit: 256) ?? [])
      .split(separator: UInt8(ascii: " "))
    guard words.count > 1, let pages = Double(String(decoding: words[1], as: UTF8.self)) else {
      return 0
    }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
  }
}

extension StoreCounts {
  /// How many tasks are that far.
  func count(_ status: TaskRecord.Status) -> Int {
    rows.reduce(0) { $0 + ($1.status == status ? $1.count : 0) }
  }
}
