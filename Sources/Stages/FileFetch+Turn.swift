import Core
import Curl
import FoundationEssentials
import Pipelines

extension FileFetch {
  /// When an address is asked again, and when no more.
  struct Turn {
    let fetch: FileFetch
    private let clock = ContinuousClock()
    private let start = ContinuousClock.now
    private var asked = 0
    private var failures = 0

    init(fetch: FileFetch) {
      self.fetch = fetch
    }

    private var elapsed: Duration { clock.now - start }

    /// Whether an address may still be one at which nothing is yet.
    var isEarly: Bool { elapsed < fetch.patience.duration }

    private var usualPause: Duration { .milliseconds(min(8_000, 250 << min(asked, 5))) }

    /// How long to wait after an answer that gave no file. Throws when it was the last one.
    mutating func pause(after download: Download, of url: String) throws -> Duration {
      let response = download.response
      let pause = usualPause
      asked += 1
      let isNothingYet =
        [202, 204, 403, 404].contains(response.status)
      if isNothingYet, isEarly {
        fetch.context.progress(
          "nothing at the result's address yet (HTTP status \(response.status)); trying for "
            + "\(fetch.patience)")
        return min(pause, .seconds(4))
      }
      let error = fetch.failure(response, url)
      guard response.mayPass || response.status == 202, fetch.stage.retries > 0 else { throw error }
      let now = Int64(Date.now.timeIntervalSince1970)
      if let seconds = response.headers.retryAfter(now: now) {
        let wait = max(pause, .seconds(seconds))
        guard elapsed + wait <= fetch.stage.timeout.duration else {
          var late = error
          late.message =
            "\(url.shownAddress) was not given (HTTP status \(response.status)); the server asks to "
            + "wait \(TimeSpan.seconds(Double(seconds))), which the \(fetch.stage.timeout) for one "
            + "file do not allow."
          late.hint = "Run again later, or raise 'timeout' of 'fetch'."
          throw late
        }
        fetch.context.progress(
          "the server asks to wait \(TimeSpan.seconds(Double(seconds))) (HTTP status "
            + "\(response.status)); trying again then")
        return wait
      }
      guard failures < fetch.stage.retries else { throw error }
      failures += 1
      return pause
    }

    /// How long to wait after a broken transfer. Throws when it was the last one.
    mutating func pause(after error: CurlError, of url: String) throws -> Duration {
      let pause = usualPause
      guard error.isTransient, failures < fetch.stage.retries else {
        throw SwaplineError(error, url: url)
      }
      (asked, failures) = (asked + 1, failures + 1)
      fetch.context.progress("\(error.detail); trying again")
      return pause
    }
  }
}
