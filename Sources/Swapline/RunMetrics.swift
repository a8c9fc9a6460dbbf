import Core
import HTTP
import Ledgers
import MicroHTTPD
import Serving

/// Serves what a run counts on this machine, in Prometheus' text format.
struct RunMetrics: Sendable {
  private let server: HTTPServer

  /// The port that it listens at.
  var port: Int { server.port }

  /// Serves `/metrics` on loopback at `port`, 0 for any free one. Throws `SwaplineError` when it is taken.
  init(port: Int, _ report: @escaping @Sendable () -> WorkerReport) throws {
    var router = Router()
    router.on("GET", "/metrics") { _ in
      ServerResponse(
        200, headers: ["Content-Type": PrometheusText.contentType],
        body: .bytes(Array(Self.text(report()).utf8)))
    }
    do {
      server = try HTTPServer(.init(port: port), router: router)
    } catch {
      throw SwaplineError(error)
    }
  }

  func stop() async { await server.stop(within: .milliseconds(100)) }

  static func text(_ report: WorkerReport) -> String {
    let (items, swaps) = (report.items, report.swaps)
    var text = PrometheusText()
    text.family(
      "swapline_build_info", "gauge", "The version that runs.",
      [(["version": SwaplineVersion.text], 1)])
    text.family(
      "swapline_run_items", "gauge", "Items by what became of them.",
      [
        ("done", items.done), ("failed", items.failed), ("stopped", items.stopped),
        ("running", items.running),
      ]
      .map { (["state": $0.0], Double($0.1)) })
    text.family(
      "swapline_run_items_reused", "gauge", "Items that an earlier run had done.",
      [([:], Double(items.reused))])
    text.family(
      "swapline_run_swaps_total", "counter",
      "Swaps: accepted by a provider, taken from earlier submissions, in doubt.",
      [("bought", swaps.bought), ("reused", swaps.reused), ("ambiguous", swaps.ambiguous)]
        .map { (["result": $0.0], Double($0.1)) })
    text.family(
      "swapline_run_swaps_in_flight", "gauge", "Tasks at a provider that are waited for.",
      [([:], Double(swaps.waiting))])
    text.family(
      "swapline_run_provider_wait_seconds_total", "counter",
      "The time that all tasks together were waited for.", [([:], swaps.waitedSeconds)])
    text.family(
      "swapline_run_credits_total", "counter", "Credits that the run was charged.",
      [([:], report.credits)])
    if let seconds = report.processorSeconds {
      text.family(
        "swapline_run_cpu_seconds_total", "counter",
        "Processor time of the run and its media workers.", [([:], seconds)])
    }
    return text.text
  }
}
