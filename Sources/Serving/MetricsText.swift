import Core
import Glibc

/// What `/metrics` says, in Prometheus' text format 0.0.4.
struct MetricsText {
  let text: String

  init(
    _ tally: StoreCounts, requests: RequestCounts, version: String, modelsWithoutSwap: Set<String>
  ) {
    var made = PrometheusText()
    let swaps = tally.rows.filter { !modelsWithoutSwap.contains($0.model) }
    made.family(
      "swapline_build_info", "gauge", "The version that runs.", [(["version": version], 1)])
    made.family(
      "swapline_billable_swaps_total", "counter", "Swaps that were done and charged.",
      swaps.filter { $0.status == .success }
        .map { (["provider": $0.facade, "model": $0.model], Double($0.count)) })
    made.family(
      "swapline_charged_credits_total", "counter", "Credits that were charged.",
      swaps.filter { $0.status == .success }
        .map { (["provider": $0.facade, "model": $0.model], $0.credits) })
    made.family(
      "swapline_tasks_total", "counter", "Tasks that have ended.",
      tally.rows.filter { [.success, .failed].contains($0.status) }.map {
        (
          ["provider": $0.facade, "model": $0.model, "status": $0.status.rawValue],
          Double($0.count)
        )
      })
    made.family(
      "swapline_task_seconds_total", "counter", "The time that the work of ended tasks took.",
      tally.rows.filter { [.success, .failed].contains($0.status) }
        .map { (["provider": $0.facade, "model": $0.model], $0.seconds) })
    made.family(
      "swapline_tasks_waiting", "gauge", "Tasks that wait for their turn.",
      [([:], Double(tally.count(.pending)))])
    made.family(
      "swapline_tasks_running", "gauge", "Tasks that are being worked on.",
      [([:], Double(tally.count(.running)))])
    made.family(
      "swapline_callbacks_due", "gauge", "Callbacks that were not accepted yet.",
      [([:], Double(tally.dueCallbacks))])
    made.family("swapline_files", "gauge", "Files that are kept.", [([:], Double(tally.files))])
    let answered = requests.all
    made.family(
      "swapline_http_requests_total", "counter", "Requests that were answered, by status.",
      answered.byStatus.sorted { $0.key < $1.key }.map {
        (["status": "\($0.key)"], Double($0.value))
      })
    made.family(
      "swapline_http_request_seconds_total", "counter", "The time that answering them took.",
      [([:], answered.seconds)])
    made.family(
      "process_resident_memory_bytes", "gauge", "Memory of the server without its workers.",
      [([:], Self.residentMemory)])
    text = made.text
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
